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
int equip(const struct parent *p, const struct child *c);

/* The configuration and the sockets of an engine. */
int equip_conf(const struct parent *p, const struct child *engine);
/* The collectors of the forwarder. */
int equip_collectors(const struct parent *p, const struct child *forwarder);
/*
 * The logs of the keeper: those that there are. Those that there are no more
 * are told only with dropped, when nothing is put for them any more.
 */
int equip_logs(const struct parent *p, const struct child *keeper,
    bool dropped);
/* Connect the log socket, or say why it cannot be. */
void equip_logsock(const struct parent *p, const struct child *keeper);

#endif
