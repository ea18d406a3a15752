/*
 * Opens the log file for the process that writes it (writer/logfile.h).
 *
 * Called by logset_logfile.c and replay_logs.c. Test:
 * test/unit/flowd/writer/test_logfile.c.
 */
#ifndef FLOWD_LOGFILE_OPEN_H
#define FLOWD_LOGFILE_OPEN_H

#include "file.h"
#include "result.h"

/*
 * Open a log file for appending, and create it if it does not exist; access, if
 * not empty, sets mode and group. Returns a descriptor, or -1 with err set. A
 * version 2 log is refused.
 */
int logfile_open(const char *path, const struct file_access *access,
    struct flowd_error *err);

#endif
