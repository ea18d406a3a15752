/*
 * The temporary file for groups that do not fit into --memory.
 *
 * Called by report_run.c. Test: test/program/test_stats_options.py.
 */
#ifndef STATS_SPILL_H
#define STATS_SPILL_H

/*
 * A file without a name in TMPDIR or /tmp, or -1: then groups that do not fit
 * are an error.
 */
int spill_open(void);

#endif
