/*
 * Rows of reports (report.h) about limits, streams, templates, sampling rates,
 * rules and listeners, and the totals of an engine; exporter_rows.h has those
 * of exporters.
 *
 * Called by engine_reports.c. Test: test/program/flowd/test_flowctl.py.
 */
#ifndef FLOWD_REPORT_ROWS_H
#define FLOWD_REPORT_ROWS_H

#include "decode.h"
#include "listener.h"
#include "report.h"
#include "ruleset.h"

void rows_of_limits(struct report *r, const struct decoder *dec);
/* Of one exporter: appends nothing when only is ADDR_NONE. */
void rows_of_streams(struct report *r, const struct decoder *dec,
    const struct addr *only);
/* only: the exporter to report; ADDR_NONE for all. */
void rows_of_templates(struct report *r, const struct decoder *dec,
    const struct addr *only);
void rows_of_rates(struct report *r, const struct decoder *dec,
    const struct addr *only);
void rows_of_rules(struct report *r, struct ruleset *rules);
void rows_of_listeners(struct report *r, const struct listeners *ls);

/* Set cells of the current row, in the reports status, datagrams and flows. */
void cells_of_totals(struct report *r, const struct decoder_totals *t);

#endif
