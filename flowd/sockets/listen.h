/*
 * Listeners: the UDP sockets that export datagrams come in by, and the
 * multicast groups they are members of.
 *
 * Called by the daemon at start and on HUP, by the part of it that may open
 * sockets. Tests: test/program/test_flowd.py, test/program/test_networks.py.
 */
#ifndef FLOWD_LISTEN_H
#define FLOWD_LISTEN_H

#include "inherit.h"
#include "listener.h"

/* What a configuration wants; borrowed. */
struct listen_plan {
	const struct endpoint *listen;
	size_t nlisten;
	const struct group *groups;
	size_t ngroups;
	unsigned workers;
};

/*
 * Make the sockets those that are wanted, for several workers one each of
 * every address where the system can steer: the ones that are there stay as they
 * are, with what waits in them; others are taken from what the service manager
 * holds, or opened; and then those that are not wanted any more closed. When
 * one cannot be opened the reason is logged, nothing changes, and -1 is
 * returned. A group that cannot be joined is logged and left out.
 */
int listeners_update(struct listeners *ls, const struct listen_plan *plan);

/*
 * Open n sockets for one address, of which each gets the datagrams of its own
 * exporters; see steer.h. l has room for n. Returns n; or 1 after it was
 * logged why the system does no more; or -1 after the reason was logged.
 */
int listener_open_steered(
    struct listener *l, unsigned n, const struct endpoint *at);

/*
 * Try to open the sockets of a plan, all at once, and close them again: tell is
 * called for each address where that fails, with errno. Groups are joined
 * meanwhile: those that cannot be are logged as by listeners_update().
 */
void listeners_try(const struct listen_plan *plan,
    void (*tell)(const struct endpoint *at, int error, void *arg), void *arg);
/* The text of such an error. */
const char *listener_reason(int error);

/* A line for each socket of the service manager that no listener has. */
void listeners_tell_unused(const struct listeners *ls);

/* A line for each: its address, and the receive buffer that it got. */
void listeners_log(const struct listeners *ls);

#endif
