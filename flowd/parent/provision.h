/*
 * Equipping: what a child gets from the parent when it begins, and what it is
 * told when that changes. Each function returns 0, or -1 when the child does
 * not listen: then it is gone or will be soon, and its successor is equipped.
 *
 * Called by parent.c. Test: test/program/test_privsep.py.
 */
#ifndef FLOWD_PROVISION_H
#define FLOWD_PROVISION_H

#include "parent_state.h"

/* All that a new child needs, and that it may begin. */
int provision_child(struct parent *p, const struct child *c);

/* The admin have changed. */
void provision_admin(const struct parent *p);

/* The configuration, the rings and the sockets of an engine. */
int provision_conf(const struct parent *p, const struct child *engine);
/* The collectors of the forwarder. */
int provision_collectors(const struct parent *p, const struct child *forwarder);

/* For the writer: all of them, or those that it has not been given. */
int provision_rings(struct parent *p, const struct child *writer, bool all);
int provision_segments(struct parent *p, const struct child *writer, bool all);
/* Logdirs that the configuration lacks, when nothing is put for them. */
int provision_endings(const struct parent *p, const struct child *writer);
/*
 * Log file and log socket: those that there are. Those that there are no more
 * are told only with dropped, when nothing is put for them any more.
 */
int provision_logs(const struct parent *p, const struct child *writer,
    bool dropped);
/* Connect the log socket, or say why it cannot be. */
void provision_logsock(const struct parent *p, const struct child *writer);

#endif
