/*
 * Standard input, output and error of a program that was started without some
 * of them.
 *
 * Called by flowd-reader and flowd-stats. Tests:
 * test/program/stats/test_stats_options.py, test/program/reader/test_reader.py.
 */
#ifndef FLOWD_STANDARD_FDS_H
#define FLOWD_STANDARD_FDS_H

/*
 * Take the places of those that are closed, so that no file that is opened
 * later has one: what is printed would be written into it. Reading and writing
 * there fails. To be called first.
 */
void standard_fds_take(void);

#endif
