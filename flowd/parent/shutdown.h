/*
 * Stops all children, in the order of the path of a flow, so that no flow is
 * left in a socket or a ring; logs what is lost all the same.
 *
 * Called by parent.c. Tests: test/program/flowd/test_privsep.py,
 * test/program/flowd/test_crash.py.
 */
#ifndef FLOWD_SHUTDOWN_H
#define FLOWD_SHUTDOWN_H

#include "parent_state.h"

/*
 * Stop all children; the engines first, so that the writer gets all of their
 * flows. Saves the state of exporters.
 */
void parent_shutdown(struct parent *p);

#endif
