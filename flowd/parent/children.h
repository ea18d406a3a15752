/*
 * Which children the parent has, and starting them.
 *
 * Called by the other files of the parent. Test:
 * test/program/flowd/test_privsep.py.
 */
#ifndef FLOWD_CHILDREN_H
#define FLOWD_CHILDREN_H

#include "parent_state.h"

/* The child of a kind that has only one. */
struct child *parent_child(struct parent *p, enum proc_kind kind);
/* The log lines of a child. */
struct child_log *parent_child_log(struct parent *p, const struct child *c);
/* Call fn for every engine. */
void parent_each_engine(struct parent *p,
    int (*fn)(const struct parent *p, const struct child *engine));
/* Does the configuration need this kind? */
bool parent_wants(const struct parent *p, enum proc_kind kind);
/*
 * Start a child and send it what it needs. Returns 0, or -1 after logging the
 * reason.
 */
int parent_start(struct parent *p, struct child *c);

#endif
