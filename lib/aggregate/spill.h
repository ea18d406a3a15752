/*
 * The temporary file for groups that take more memory than they may.
 *
 * Called by lib/api and flowd-stats. Test:
 * test/program/stats/test_stats_options.py.
 */
#ifndef FLOWD_SPILL_H
#define FLOWD_SPILL_H

#include "result.h"

/* A file without a name in this folder; -1 with err set. */
int spill_open(const char *folder, struct flowd_error *err);

#endif
