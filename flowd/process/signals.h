/*
 * Signals as events: a handler records the signal and writes to a pipe, which
 * an event loop polls.
 *
 * Called by parent.c, parent_loop.c and shutdown.c.
 * Test: test/unit/flowd/process/test_signals.c.
 */
#ifndef FLOWD_SIGNALS_H
#define FLOWD_SIGNALS_H

enum signal_event {
	SIGNAL_QUIT = 1 << 0, /* TERM, INT */
	SIGNAL_REOPEN = 1 << 1, /* USR1 */
	SIGNAL_STATISTICS = 1 << 2, /* USR2, INFO */
	SIGNAL_RELOAD = 1 << 3, /* HUP */
	SIGNAL_CHILD = 1 << 4 /* CHLD: one has ended */
};

/*
 * Install the handlers. Returns a descriptor to poll for input, or -1 and
 * errno.
 */
int signals_open(void);
/* The signals since the last call (enum signal_event). */
unsigned signals_take(void);

#endif
