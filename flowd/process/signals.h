/*
 * Signals as events: a handler records the signal and writes to a pipe, which
 * an event loop polls. Called by the parent.
 */
#ifndef FLOWD_SIGNALS_H
#define FLOWD_SIGNALS_H

enum signal_wish {
	WISH_QUIT = 1 << 0, /* TERM, INT */
	WISH_REOPEN = 1 << 1, /* USR1 */
	WISH_STATISTICS = 1 << 2, /* USR2, INFO */
	WISH_RECONFIGURE = 1 << 3, /* HUP */
	WISH_CHILD = 1 << 4 /* CHLD: one has ended */
};

/*
 * Install the handlers. Returns a descriptor to poll for input, or -1 and
 * errno.
 */
int signals_open(void);
/* The signals since the last call (enum signal_wish). */
unsigned signals_take(void);

#endif
