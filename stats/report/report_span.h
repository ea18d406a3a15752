/*
 * How many flows a report is of, and their times: the line below a table.
 *
 * Called by the reports. Test: test/program/test_stats.py.
 */
#ifndef STATS_REPORT_SPAN_H
#define STATS_REPORT_SPAN_H

#include "stats_report.h"

struct report_span {
	uint64_t flows;
	struct aggregate_value first, last; /* VALUE_TIME, or VALUE_NONE */
};

/* An output of an aggregate that computes the span. */
int report_span_output(struct aggregate_output *o, struct flowd_error *err);
int report_span_get(struct report_span *span, struct aggregate *a,
    unsigned output, struct flowd_error *err);

/* "10 of 34 groups, 1234 flows from ... to ... (1 h 0 min)" */
void report_span_print(
    struct stats *s, const struct dataset *d, const struct report_span *span);

#endif
