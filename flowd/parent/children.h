/*
 * Which children the parent has, and starting them.
 *
 * Called by parent.c and reload.c. Test: test/program/test_privsep.py.
 */
#ifndef FLOWD_CHILDREN_H
#define FLOWD_CHILDREN_H

#include "parent_state.h"

/* The only one of its kind. */
struct child *parent_child(struct parent *p, enum proc_kind kind);
/* Call fn for every engine. */
void parent_each_engine(struct parent *p,
    int (*fn)(const struct parent *p, const struct child *engine));
/* Is there to be one, by the configuration? */
bool parent_wants(const struct parent *p, enum proc_kind kind);
/* Returns 0, or -1 after it was logged. */
int parent_start(struct parent *p, struct child *c);

#endif
