/*
 * Equipping: what a child gets from the parent when it begins, and what it is
 * told when that changes. Each function returns 0, or -1 when the child does
 * not listen: then it is gone or will be soon, and its successor is equipped.
 *
 * Called by parent.c. Test: test/program/test_privsep.py.
 */
#ifndef FLOWD_EQUIP_H
#define FLOWD_EQUIP_H

#include "parent_state.h"

/* All that a new child needs, and that it may begin. */
int equip(struct parent *p, const struct child *c);

/* The doors have changed. */
void equip_doors(const struct parent *p);

/* The configuration, the mailboxes and the sockets of an engine. */
int equip_conf(const struct parent *p, const struct child *engine);
/* The collectors of the forwarder. */
int equip_collectors(const struct parent *p, const struct child *forwarder);

/* For the keeper: all of them, or those that it has not been given. */
int equip_mailboxes(struct parent *p, const struct child *keeper, bool all);
int equip_segments(struct parent *p, const struct child *keeper, bool all);
/* Logdirs that the configuration lacks, when nothing is put for them. */
int equip_endings(const struct parent *p, const struct child *keeper);
/*
 * Log file and log socket: those that there are. Those that there are no more
 * are told only with dropped, when nothing is put for them any more.
 */
int equip_logs(const struct parent *p, const struct child *keeper,
    bool dropped);
/* Connect the log socket, or say why it cannot be. */
void equip_logsock(const struct parent *p, const struct child *keeper);

#endif
