/*
 * Opening the log file, for whoever writes to it (writer/logfile.h).
 *
 * Called by logset.c and replay_logs.c.
 * Test: test/unit/flowd/test_logfile.c.
 */
#ifndef FLOWD_LOGFILE_OPEN_H
#define FLOWD_LOGFILE_OPEN_H

#include "file.h"
#include "result.h"

/*
 * Open a log file for appending, and make it when it is not there; where
 * access says something, those may read it. Returns a descriptor, or -1 with
 * err set. A version 2 log is refused.
 */
int logfile_open(const char *path, const struct file_access *access,
    struct flowd_error *err);

#endif
