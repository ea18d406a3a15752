/*
 * What differs between the kinds of logs (ipc/destinations.def) that the parent
 * opens: a row of functions for each, in the file of the kind. The log socket
 * has none: the writer asks for it (sockets/logsock_connect.h).
 *
 * Called by logset.c only. Tests: test/program/flowd/test_logs.py,
 * test/program/flowd/test_logdir.py.
 */
#ifndef FLOWD_LOGSET_KIND_H
#define FLOWD_LOGSET_KIND_H

#include "logset_state.h"

struct logset_kind {
	/* Open what a configuration adds. False after logging the reason. */
	bool (*stage)(struct logset *s, struct shmem *p,
	    const struct conf *conf);
	/* Use what was staged, and end what the configuration has dropped. */
	void (*commit)(struct logset *s, const struct conf *conf);
	/* Close what was staged. */
	void (*abandon)(struct logset *s, struct shmem *p);
	/* The writer has closed everything before this file of a slot. */
	void (*released)(struct logset *s, unsigned slot, uint32_t serial);
	/* This file was removed: create another one if it is still in use. */
	void (*file_removed)(struct logset *s, const struct conf *conf,
	    unsigned slot, uint32_t serial);
	/* May the writer still write to an older file of a slot? */
	bool (*is_pending)(const struct logset *s, unsigned slot);
	/* The path of the log of a slot. */
	const char *(*path)(const struct logset *s, unsigned slot);
};

extern const struct logset_kind logset_logfile; /* logset_logfile.c */
extern const struct logset_kind logset_logdirs; /* logset_logdirs.c */

/* Close all logdirs; the writer has exited. */
void logset_close_dirs(struct logset *s);

#endif
