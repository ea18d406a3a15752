/*
 * A series of groups for a terminal: a row for each group, with its average,
 * its greatest and last value, and a sparkline over its bins.
 *
 * Called by report_groups.c. Test: test/program/stats/test_stats_charts.py.
 */
#ifndef STATS_SPARKLINE_H
#define STATS_SPARKLINE_H

#include "grid.h"
#include "scan_options.h"
#include "terminal.h"

/*
 * Fill a grid, which is initialized, with the series of a result, by the
 * measure that orders it. 0, or a negative FLOWD_E* with err set.
 */
int sparkline_fill(struct grid *g, struct aggregate_result *r,
    const struct scan_options *scan, const struct terminal *t,
    struct flowd_error *err);

#endif
