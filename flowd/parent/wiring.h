/*
 * Wiring: who has been started is connected with control, so that it can be
 * asked. A process that dies and comes back is connected anew.
 *
 *	parent ---\
 *	engines ---+-- control -- metrics (as a client)
 *	keeper ---/
 *
 * Called by the parent. Test: test/program/test_flowctl.py.
 */
#ifndef FLOWD_WIRING_H
#define FLOWD_WIRING_H

#include "answer.h"
#include "child.h"
#include "doors.h"

/* Who there is to connect. */
struct wiring {
	const struct child *children;
	size_t n;
	const struct doors *doors;
	struct answer *own; /* the parent's */
};

/*
 * Connect c, which was just started, with those that run. Returns 0, or -1
 * when it does not listen or descriptors ran out.
 */
int wiring_connect(const struct wiring *w, const struct child *c);
/* The doors have changed: tell control and metrics. */
void wiring_doors(const struct wiring *w);

#endif
