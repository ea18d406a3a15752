/*
 * The file that groups go to which take more memory than they may.
 *
 * Called by report_run.c. Test: test/program/test_stats_options.py.
 */
#ifndef STATS_SPILL_H
#define STATS_SPILL_H

/*
 * A file without a name in the folder of temporary files (TMPDIR), or -1: then
 * groups that take more are an error.
 */
int spill_open(void);

#endif
