/*
 * A configuration on this machine: what its text does not tell.
 *
 * Called with the rights of who opens what it names: by the parent, at the
 * start and for each new configuration, and by flowd -n.
 * Test: test/program/test_conf_check.py.
 */
#ifndef FLOWD_CONF_CHECK_H
#define FLOWD_CONF_CHECK_H

#include "conf.h"

/*
 * Is it one to run with? The user and the groups are there, and no two of its
 * paths lead to the same file. False after each fault was logged.
 */
bool conf_check(const struct conf *conf, enum conf_use use);

/*
 * For flowd -n: warn of what would fail if flowd was started now, but may be
 * different when it is: addresses that are not there or in use, folders that
 * are not there. Nothing is made or changed. What only root could tell is
 * said.
 */
void conf_try(const struct conf *conf, enum conf_use use);

#endif
