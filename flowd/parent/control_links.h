/*
 * Connects every child with the control process by a socket pair, so that it
 * can be queried; again after each restart.
 *
 *	parent ---\
 *	engines ---+-- control -- metrics (as a client)
 *	writer ---/
 *
 * Called by provision.c. Test: test/program/flowd/test_flowctl.py.
 */
#ifndef FLOWD_CONTROL_LINKS_H
#define FLOWD_CONTROL_LINKS_H

#include "admin_sockets.h"
#include "child.h"
#include "responder.h"

/* The processes to connect. */
struct control_links {
	const struct child *children;
	size_t n;
	const struct admin_sockets *admin;
	struct responder *own; /* the parent's */
};

/*
 * Connect c, which was just started, with control; or control with all that are
 * running. Returns 0, or -1 when it does not read or descriptors ran out.
 */
int control_links_connect(const struct control_links *w, const struct child *c);
/* The admin sockets have changed: send them to control and metrics. */
void control_links_update(const struct control_links *w);

#endif
