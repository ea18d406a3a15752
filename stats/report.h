/*
 * Reports: what flowd-stats can print, a file each. The groups that -g and -b
 * ask for are one.
 *
 * Called by stats.c. Test: test/program/test_stats.py.
 */
#ifndef STATS_REPORT_H
#define STATS_REPORT_H

#include "reading.h"

struct stats {
	struct options opts;
	struct reading reading;
	struct style style;
	struct output output;
};

/* Print it: 0, or a negative FLOWD_E* with err set. */
typedef int report_fn(struct stats *s, struct flowd_error *err);

report_fn report_groups; /* -g, -b, or one group of all flows */

/* --- What reports share --- */

/* An aggregate by the options, with outputs of the report's. */
struct aggregate *report_aggregate(const struct stats *s,
    const struct aggregate_output *outputs, unsigned noutputs,
    struct flowd_error *err);
/* Take in the flows of the range that is asked for. */
int report_read(struct stats *s, struct aggregate *a, struct flowd_error *err);
/* Say what is to be said beside a result. */
void report_notes(const struct stats *s, const struct aggregate_notes *n);
/* Print a data set. */
int report_print(
    struct stats *s, const struct dataset *d, struct flowd_error *err);

#endif
