/*
 * Opens the UDP sockets of "listen on", and joins multicast groups.
 *
 * Called by the parent, at the start, at each reload and for flowd -n.
 * Tests: test/program/flowd/test_flowd.py, test/program/flowd/test_networks.py.
 */
#ifndef FLOWD_LISTEN_H
#define FLOWD_LISTEN_H

#include "inherit.h"
#include "listener.h"

/* The listeners that a configuration wants; borrowed. */
struct listen_plan {
	const struct endpoint *listen;
	size_t nlisten;
	const struct multicast_group *groups;
	size_t ngroups;
	unsigned workers;
};

/*
 * Open the sockets of a plan; with several workers, one for each worker at
 * every address if the system can steer. Open sockets stay, with the datagrams
 * in them; new ones come from the service manager or are opened; then the
 * others are closed. On failure the reason is logged, nothing changes, and -1
 * is returned. A group that cannot be joined is logged and left out.
 */
int listeners_update(struct listeners *ls, const struct listen_plan *plan);

/*
 * Open n sockets for one address, each of which receives from its own
 * exporters; see steer.h. l has room for n. Returns n; or 1 after logging why
 * the system cannot do more; or -1 after logging the reason.
 */
int listener_open_steered(
    struct listener *l, unsigned n, const struct endpoint *at);

/*
 * Try to open all sockets of a plan, and close them again. report is called
 * with errno for each address that fails. Groups are joined meanwhile, with the
 * same messages as in listeners_update().
 */
void listeners_try(const struct listen_plan *plan,
    void (*report)(const struct endpoint *at, int error, void *arg), void *arg);
/* The text for such an error. */
const char *listener_reason(int error);

/* Log each socket of the service manager that no listener uses. */
void listeners_log_unused(const struct listeners *ls);

/* Log each listener: its address, and the receive buffer that it got. */
void listeners_log(const struct listeners *ls);

#endif
