/*
 * Rows of reports with a row or more for each exporter: exporters, malformed
 * input, limits that were reached, counters.
 *
 * Called by engine_reports.c. Test: test/program/flowd/test_flowctl.py.
 */
#ifndef FLOWD_EXPORTER_ROWS_H
#define FLOWD_EXPORTER_ROWS_H

#include "decode.h"
#include "report.h"

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
/* Of one exporter, or the sum of all. */
void rows_of_counters(struct report *r, const struct decoder *dec,
    const struct addr *only);

#endif
