/*
 * Wiring: who has been started is connected with control, so that it can be
 * asked. A process that dies and comes back is connected anew.
 *
 *	parent ---\
 *	engines ---+-- control -- metrics (as a client)
 *	writer ---/
 *
 * Called by the parent. Test: test/program/test_flowctl.py.
 */
#ifndef FLOWD_CONTROL_LINKS_H
#define FLOWD_CONTROL_LINKS_H

#include "admin_sockets.h"
#include "child.h"
#include "responder.h"

/* Who there is to connect. */
struct control_links {
	const struct child *children;
	size_t n;
	const struct admin_sockets *admin;
	struct responder *own; /* the parent's */
};

/*
 * Connect c, which was just started, with those that run. Returns 0, or -1
 * when it does not listen or descriptors ran out.
 */
int control_links_connect(const struct control_links *w, const struct child *c);
/* The admin have changed: tell control and metrics. */
void control_links_update(const struct control_links *w);

#endif
