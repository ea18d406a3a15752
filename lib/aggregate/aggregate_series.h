/*
 * Results with time bins: the groups of each bin, in the order of the bins.
 *
 * Called by aggregate_result.c.
 * Test: test/unit/aggregate/test_aggregate_series.c.
 */
#ifndef FLOWD_AGGREGATE_SERIES_H
#define FLOWD_AGGREGATE_SERIES_H

#include "result_rows.h"

/*
 * Fill the rows of a result, of which other and total are there. Returns 0, or
 * a negative FLOWD_E* with err set.
 */
int series_fill(struct aggregate_result *r, struct aggregate_group *g,
    struct flowd_error *err);

#endif
