/*
 * Provisioning: what the parent sends a child at its start, and again when it
 * changes. Functions return 0, or -1 when the child does not read: it has
 * exited or is about to, and its successor is provisioned.
 *
 * Called by children.c, parent_loop.c and reload.c. Test:
 * test/program/flowd/test_privsep.py.
 */
#ifndef FLOWD_PROVISION_H
#define FLOWD_PROVISION_H

#include "parent_state.h"

/* Send a new child all that it needs, and IMSG_GO. */
int provision_child(struct parent *p, const struct child *c);

/* The admin sockets have changed. */
void provision_admin(const struct parent *p);

/* Send an engine its configuration, rings and sockets. */
int provision_conf(const struct parent *p, const struct child *engine);
/* Send the forwarder its collectors. */
int provision_collectors(const struct parent *p, const struct child *forwarder);

/* Send the writer all of them, or those that it does not have yet. */
int provision_rings(struct parent *p, const struct child *writer, bool all);
int provision_segments(struct parent *p, const struct child *writer, bool all);
/*
 * Tell the writer to close logdirs that are not in the configuration, when no
 * engine puts flows for them any more.
 */
int provision_endings(const struct parent *p, const struct child *writer);
/*
 * Send the writer the log file and the log socket. With dropped, also tell it
 * to close those that are not in the configuration, when no engine puts flows
 * for them any more.
 */
int provision_logs(const struct parent *p, const struct child *writer,
    bool dropped);
/* Connect the log socket, and send the descriptor or the error. */
void provision_logsock(const struct parent *p, const struct child *writer);

#endif
