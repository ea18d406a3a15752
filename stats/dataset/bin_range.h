/*
 * The time bins of a range, numbered from 0, and percentiles of their values.
 *
 * Called by series.c, report_bill.c and report_percentiles.c.
 * Test: test/program/stats/test_stats_reports.py.
 */
#ifndef STATS_BIN_RANGE_H
#define STATS_BIN_RANGE_H

#include "aggregate.h"
#include "scan_options.h"
#include "time_bin.h"

struct bin_range {
	struct time_bins bins;
	uint32_t first;
	size_t n;
};

/*
 * The bins of -t; where it has no begin or end, from the first to the last bin
 * of the n results, whose first key is the bin and whose bins are of one width.
 * No bins if there is no group. 0, or FLOWD_EINVAL with err set when there are
 * too many.
 */
int bin_range_init(struct bin_range *range, const struct scan_options *scan,
    struct aggregate_result *const *results, size_t n, struct flowd_error *err);
/* The number of the bin of a row; SIZE_MAX: it is outside. */
size_t bin_range_place(
    struct bin_range *range, const struct aggregate_result *r, size_t row);
double bin_range_seconds(const struct bin_range *range, size_t place);

/*
 * Sort n numbers and return a percentile of them, by nearest rank; 0 if there
 * is none.
 */
double bin_range_percentile(double *values, size_t n, double percent);

#endif
