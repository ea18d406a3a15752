/*
 * Rows of reports (report.h) from what the processes of the daemon keep: one
 * function for each thing there is something to tell of.
 *
 * Called by the fill functions of the processes (responder.h). Test:
 * test/program/test_flowctl.py.
 */
#ifndef FLOWD_REPORT_ROWS_H
#define FLOWD_REPORT_ROWS_H

#include "decode.h"
#include "listener.h"
#include "report.h"
#include "ruleset.h"

/* only: ADDR_NONE for all. */
void rows_of_exporters(struct report *r, const struct decoder *dec,
    const struct addr *only);
void rows_of_malformed(struct report *r, const struct decoder *dec,
    const struct addr *only);
void rows_of_limited(struct report *r, const struct decoder *dec,
    const struct addr *only);
/*
 * For metrics, of one of these three kinds: exporters that are listed, and all
 * others in a row of the name ROWS_OTHER.
 */
#define ROWS_OTHER "other"
void rows_of_listed(struct report *r, const struct decoder *dec);
void rows_of_limits(struct report *r, const struct decoder *dec);
/* Nothing when no exporter is asked for. */
void rows_of_streams(struct report *r, const struct decoder *dec,
    const struct addr *only);
/* Of one exporter, or of all together. */
void rows_of_counters(struct report *r, const struct decoder *dec,
    const struct addr *only);
void rows_of_templates(struct report *r, const struct decoder *dec,
    const struct addr *only);
void rows_of_rates(struct report *r, const struct decoder *dec,
    const struct addr *only);
void rows_of_rules(struct report *r, struct ruleset *rules);
void rows_of_listeners(struct report *r, const struct listeners *ls);

/* Cells of a row that was begun: of the reports status, datagrams, flows. */
void cells_of_totals(struct report *r, const struct decoder_totals *t);

/* All ways to be malformed. */
uint64_t malformed_count(const struct decode_counters *c);

#endif
