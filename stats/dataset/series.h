/*
 * A measure over time: of each group of a result with time bins a value a bin,
 * for charts. What groups have that are not shown is a series, too, the last.
 *
 * Called by sparkline.c, svg.c. Test: test/program/test_stats_charts.py.
 */
#ifndef STATS_SERIES_H
#define STATS_SERIES_H

#include "bin_range.h"

struct series_line {
	size_t row; /* of the result, with its keys */
	bool other; /* those that are not shown */
	double *value; /* one a bin */
};

struct series_set {
	const struct aggregate_result *result; /* borrowed */
	unsigned measure;
	struct bin_range range;
	struct series_line *line;
	size_t n, cap;
	double top; /* greatest value */
};

/*
 * Of a measure of a result, which is borrowed. Series are in the order of their
 * greatest sum. 0, or a negative FLOWD_E* with err set.
 */
int series_set_init(struct series_set *set, const struct scan_options *scan,
    struct aggregate_result *result, unsigned measure, struct flowd_error *err);
void series_set_fini(struct series_set *set);

#endif
