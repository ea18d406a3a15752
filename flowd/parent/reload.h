/*
 * Reloads the configuration, on HUP or by flowctl. The loader reads it; it is
 * adopted as a whole, or refused without any change. Parts of this also run at
 * the start.
 *
 * Called by parent.c and parent_loop.c. Tests:
 * test/program/flowd/test_reload.py, test/program/flowd/test_flowd.py,
 * test/program/flowd/test_flowctl.py.
 */
#ifndef FLOWD_RELOAD_H
#define FLOWD_RELOAD_H

#include "parent_state.h"

/*
 * Open the sockets of a configuration. Returns 0, or -1 after logging the
 * reason: then the old ones are as they were.
 */
int reload_open_sockets(struct parent *p, const struct conf *conf);
/* Tell the service manager that the configuration is in use. */
void reload_notify_ready(struct parent *p);

/* Open all logs again by their paths: USR1. Returns false when one fails. */
bool reload_logs(struct parent *p);
/*
 * Handle an order of flowctl: rotate or reload; arg is the parent. It is
 * answered when the writer uses the new files.
 */
void reload_take_order(enum frame_type type, uint32_t serial, void *arg);

/* The writer reports that this file of a log was removed. */
void reload_log_removed(struct parent *p, unsigned slot, uint32_t serial);

/* Create control socket and pid file again when they were removed. */
void reload_restore_paths(struct parent *p);

/* Start the loader; if it is running, start it again afterwards. */
void reload_begin(struct parent *p);
/* The loader has exited with this status of waitpid(2). */
void reload_loaded(struct parent *p, int status);
/*
 * An engine uses the new configuration. When all do, logs that it dropped are
 * closed.
 */
void reload_engines_ready(struct parent *p);

#endif
