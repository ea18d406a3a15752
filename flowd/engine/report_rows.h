/*
 * Rows of reports (report.h) about exporters, templates, rules and listeners.
 *
 * Called by engine_reports.c. Test: test/program/test_flowctl.py.
 */
#ifndef FLOWD_REPORT_ROWS_H
#define FLOWD_REPORT_ROWS_H

#include "decode.h"
#include "listener.h"
#include "report.h"
#include "ruleset.h"

/* only: the exporter to report; ADDR_NONE for all. */
void rows_of_exporters(struct report *r, const struct decoder *dec,
    const struct addr *only);
void rows_of_malformed(struct report *r, const struct decoder *dec,
    const struct addr *only);
void rows_of_limited(struct report *r, const struct decoder *dec,
    const struct addr *only);
/*
 * For metrics, one of these three kinds: listed exporters, and the sum of all
 * others in a row named ROWS_OTHER.
 */
#define ROWS_OTHER "other"
void rows_of_listed(struct report *r, const struct decoder *dec);
void rows_of_limits(struct report *r, const struct decoder *dec);
/* Appends nothing unless one exporter is asked for. */
void rows_of_streams(struct report *r, const struct decoder *dec,
    const struct addr *only);
/* Of one exporter, or the sum of all. */
void rows_of_counters(struct report *r, const struct decoder *dec,
    const struct addr *only);
void rows_of_templates(struct report *r, const struct decoder *dec,
    const struct addr *only);
void rows_of_rates(struct report *r, const struct decoder *dec,
    const struct addr *only);
void rows_of_rules(struct report *r, struct ruleset *rules);
void rows_of_listeners(struct report *r, const struct listeners *ls);

/* Set cells of the current row, in the reports status, datagrams and flows. */
void cells_of_totals(struct report *r, const struct decoder_totals *t);

/* The sum over all kinds of malformed input. */
uint64_t malformed_count(const struct decode_counters *c);

#endif
