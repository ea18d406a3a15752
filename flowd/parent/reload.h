/*
 * Reloading: a new configuration for a daemon that works, on HUP or when
 * flowctl says so. The loader reads it; it is adopted as a whole, or refused
 * and nothing changes. Also, what of it the start does as well.
 *
 * Called by parent.c. Tests: test/program/test_reload.py,
 * test/program/test_flowd.py, test/program/test_flowctl.py.
 */
#ifndef FLOWD_RELOAD_H
#define FLOWD_RELOAD_H

#include "parent_state.h"

/*
 * Open the sockets of a configuration. Returns 0, or -1 after the reason has
 * been logged: then those of the one in use are as they were.
 */
int reload_open_sockets(struct parent *p, const struct conf *conf);
/* Tell the service manager that it is in use. */
void reload_tell_ready(struct parent *p);

/* Open the logs by their paths again: USR1. False when one cannot be. */
bool reload_logs(struct parent *p);
/* The same for an order, which is answered when it is done. */
void reload_logs_order(struct parent *p, uint32_t serial);

/* The writer finds that this file of a log was removed. */
void reload_log_gone(struct parent *p, unsigned slot, uint32_t serial);

/* Make the paths again that somebody has removed. */
void reload_paths(struct parent *p);

/* Have the configuration read; once more if it is being read. */
void reload_begin(struct parent *p);
/* The loader has ended, with this status of waitpid(2). */
void reload_loaded(struct parent *p, int status);
/*
 * An engine has become ready. When all are, logs that the configuration lacks
 * are ended.
 */
void reload_engines_ready(struct parent *p);

#endif
