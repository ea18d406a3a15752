/*
 * The loop of the parent: waits for signals, for messages and log lines of
 * children and for orders, and restarts children that died.
 *
 * Called by parent.c and shutdown.c. Tests: test/program/flowd/test_privsep.py,
 * test/program/flowd/test_reload.py.
 */
#ifndef FLOWD_PARENT_LOOP_H
#define FLOWD_PARENT_LOOP_H

#include "parent_state.h"

/* Run until a signal to exit. */
void parent_loop(struct parent *p);

/*
 * One iteration: wait for at most most_ms (-1: no limit), and handle everything
 * but signals: p->signalled says that one has arrived.
 */
void parent_poll(struct parent *p, int most_ms);
/* Handle signals; events as of signals_take(). */
void parent_signals(struct parent *p, unsigned events);
/* Handle children that have exited. */
void parent_reap(struct parent *p);

/* Save the state of all exporters, when the configuration names a file. */
void parent_save_state(struct parent *p);

#endif
