/*
 * Access to the files of a log: looks up the configured group.
 *
 * Called by the files that open logs. Test: test/program/flowd/test_logs.py.
 */
#ifndef FLOWD_LOG_ACCESS_H
#define FLOWD_LOG_ACCESS_H

#include "conf.h"
#include "file.h"

/*
 * The mode and group for files of a log; a group alone means that it may read
 * them. Returns 0, or FLOWD_EINVAL with err set when there is no such group.
 */
int log_access_find(const struct conf_access *a, struct file_access *access,
    struct flowd_error *err);

#endif
