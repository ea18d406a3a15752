/*
 * The line below a table, for people: how many rows of how many it has, how
 * many flows it is of, and their times.
 *
 * Called by the reports. Test: test/program/stats/test_stats.py.
 */
#ifndef STATS_REPORT_SPAN_H
#define STATS_REPORT_SPAN_H

#include "bin_range.h"
#include "stats_report.h"

struct report_span {
	uint64_t flows;
	struct aggregate_value first, last; /* VALUE_TIME, or VALUE_NONE */
};

/* An output of an aggregate that computes the span. */
int report_span_output(struct aggregate_output *o, struct flowd_error *err);
int report_span_get(struct report_span *span, struct aggregate *a,
    unsigned output, struct flowd_error *err);

/* Begin the line: "10 of 34 groups", and whether it was interrupted. */
void report_foot(struct stats *s, const struct dataset *d);
/* "2026-11-23T10:00:00 to 2026-11-23T11:00:00" */
void report_foot_range(struct stats *s, int64_t from_ns, int64_t to_ns);
/* "288 bins of 5 min from ... to ..." */
void report_foot_bins(struct stats *s, const struct bin_range *range);

/* "10 of 34 groups, 1234 flows from ... to ... (1 h 0 min)" */
void report_span_print(
    struct stats *s, const struct dataset *d, const struct report_span *span);

#endif
