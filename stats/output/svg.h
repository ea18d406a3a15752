/*
 * Charts as SVG: a series as stacked areas, or as lines if its values do not
 * add up; a top list as bars. Colours follow the reader's preference for light
 * or dark.
 *
 * Called by report_groups.c. Test: test/program/stats/test_stats_charts.py.
 */
#ifndef STATS_SVG_H
#define STATS_SVG_H

#include "aggregate.h"
#include "cell.h"
#include "scan_options.h"

/*
 * Append a chart of the groups of a result, by the measure that orders it.
 * style says how values and names are shown. 0, or a negative FLOWD_E* with
 * err set.
 */
int svg_draw(struct buf *out, struct aggregate_result *r,
    const struct scan_options *scan, struct style *style,
    struct flowd_error *err);

#endif
