/*
 * Reports: what flowd-stats can print, a file each. The groups that -g and -b
 * ask for are one. What reports share is in report_run.h (reading),
 * report_print.h and report_span.h.
 *
 * Called by stats.c. Test: test/program/stats/test_stats.py,
 * test_stats_reports.py.
 */
#ifndef STATS_REPORT_H
#define STATS_REPORT_H

#include "interface_names.h"
#include "reading.h"

enum {
	AGGREGATES = 2 /* that a report has, at most */
};

struct stats {
	struct options opts;
	struct reading reading;
	struct interface_names interfaces;
	struct style style;
	struct output output;
	int spill_fd[AGGREGATES]; /* of each; see spill.h */
	struct flowd_error no_spill; /* why one is -1 */
	unsigned naggregates;
};

/* Print it: 0, or a negative FLOWD_E* with err set. */
typedef int report_fn(struct stats *s, struct flowd_error *err);

report_fn report_overview; /* without any option that asks for another */
report_fn report_groups; /* -g, -b, or one group of all flows */

report_fn report_scanners, report_histogram, report_matrix, report_loss,
    report_compare, report_bill, report_percentiles;

#endif
