/*
 * The temporary file for groups that do not fit into --memory.
 *
 * Called by report_run.c. Test: test/program/stats/test_stats_options.py.
 */
#ifndef STATS_SPILL_H
#define STATS_SPILL_H

#include "result.h"

/*
 * A file without a name in TMPDIR or /tmp, or -1 with why set: then groups that
 * do not fit are an error.
 */
int spill_open(struct flowd_error *why);

#endif
