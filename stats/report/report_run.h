/*
 * The flows of a report: an aggregate by the options of the command line, and
 * the flows that go into it.
 *
 * Called by the reports. Test: test/program/stats/test_stats.py.
 */
#ifndef STATS_REPORT_RUN_H
#define STATS_REPORT_RUN_H

#include "stats_report.h"

/* NULL with err set. The caller frees it; outputs are copied. */
struct aggregate *report_aggregate(struct stats *s,
    const struct aggregate_output *outputs, unsigned noutputs,
    struct flowd_error *err);
/*
 * The same for a report that needs all groups at once and not only the first
 * ones: its rows, too, take no more than --memory. 1 / part of that is for this
 * aggregate and its results.
 */
struct aggregate *report_aggregate_all(struct stats *s,
    const struct aggregate_output *outputs, unsigned noutputs, unsigned part,
    struct flowd_error *err);

/* Take in the flows of -t, or of another range. */
int report_read(struct stats *s, struct aggregate *a, struct flowd_error *err);
int report_read_range(struct stats *s, struct aggregate *a,
    struct timerange range, struct flowd_error *err);

typedef int report_print_fn(
    struct stats *s, struct aggregate *a, struct flowd_error *err);

/*
 * Take in the flows of -t and print the result; with --watch again and again,
 * as long as the log grows.
 */
int report_run(struct stats *s, struct aggregate *a, report_print_fn *print,
    struct flowd_error *err);

#endif
