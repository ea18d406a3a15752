/*
 * A measure over time, for charts: a line for each group of a result with time
 * bins, with a value for each bin. The groups that are not shown are a line,
 * too, the last.
 *
 * Called by sparkline.c, svg.c. Test: test/program/stats/test_stats_charts.py.
 */
#ifndef STATS_SERIES_H
#define STATS_SERIES_H

#include "bin_range.h"

struct series_line {
	size_t row; /* of the result, with its keys */
	bool other; /* those that are not shown */
	double *value; /* of each bin; not owned */
	double sum; /* of them */
};

struct series_set {
	const struct aggregate_result *result; /* borrowed */
	unsigned measure;
	struct bin_range range;
	struct series_line *line;
	double *values; /* of all lines */
	size_t n;
};

/*
 * Lines are in the order of their sums, the greatest first. 0, or a negative
 * FLOWD_E* with err set, also when there are too many values for a chart.
 */
int series_set_init(struct series_set *set, const struct scan_options *scan,
    struct aggregate_result *result, unsigned measure, struct flowd_error *err);
void series_set_fini(struct series_set *set);

#endif
