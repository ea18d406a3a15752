/*
 * Checks a configuration against this machine, beyond its text.
 *
 * Called with the privileges of whoever opens what it names: by the parent, at
 * the start and at each reload, and by flowd -n. Test:
 * test/program/flowd/test_conf_check.py.
 */
#ifndef FLOWD_CONF_CHECK_H
#define FLOWD_CONF_CHECK_H

#include "conf.h"

/*
 * Can flowd run with it? The user and the groups must exist, and no two paths
 * may be the same file. Returns false after logging each error.
 */
bool conf_check(const struct conf *conf, enum conf_use use);

/*
 * For flowd -n: log a warning for what would fail if flowd started now, but may
 * change: addresses that do not exist or are in use, missing directories.
 * Nothing is created or changed. Logs what only root can check.
 */
void conf_try(const struct conf *conf, enum conf_use use);

#endif
