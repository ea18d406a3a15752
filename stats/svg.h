/*
 * Charts as SVG: a series as areas on top of each other, or as lines where
 * values do not add up; a top list as bars. They are readable on light and on
 * dark ground, as the reader's system has it.
 *
 * Called by report_groups.c. Test: test/program/test_stats_charts.py.
 */
#ifndef STATS_SVG_H
#define STATS_SVG_H

#include "report.h"

/*
 * Draw the groups of a result to a file, which is made or emptied and must be
 * none of those that are read. 0, or a negative FLOWD_E* with err set.
 */
int svg_draw(struct stats *s, struct aggregate_result *r, const char *path,
    struct flowd_error *err);

#endif
