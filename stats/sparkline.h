/*
 * A series of groups for a terminal: a group a line, with its average, its
 * greatest and last value, and how it goes as a sparkline.
 *
 * Called by report_groups.c. Test: test/program/test_stats_charts.py.
 */
#ifndef STATS_SPARKLINE_H
#define STATS_SPARKLINE_H

#include "report.h"

int sparkline_print(
    struct stats *s, struct aggregate_result *r, struct flowd_error *err);

#endif
