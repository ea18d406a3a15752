/*
 * Socket activation: sockets that a service manager has opened and passes to
 * this process (LISTEN_FDS). It holds them while flowd restarts, so that
 * datagrams that arrive meanwhile are not lost.
 *
 * Called by flowd.c, before descriptors are closed, parent.c and listen.c.
 * Tests: test/unit/flowd/sockets/test_inherit.c,
 * test/program/tree/test_service.py.
 */
#ifndef FLOWD_INHERIT_H
#define FLOWD_INHERIT_H

#include <stdbool.h>
#include <stddef.h>

#include "addr.h"

enum { INHERIT_MAX = 8192, INHERIT_NAME_MAX = 64 };

struct inherited {
	int fd;
	struct addr addr; /* ADDR_NONE: no UDP socket */
	uint16_t port;
	bool both; /* an IPv6 socket that also receives IPv4 */
	char name[INHERIT_NAME_MAX]; /* for messages; "" when not given */
};

struct inherit {
	struct inherited *list;
	size_t n;
};

/*
 * How many descriptors behind standard error were passed. They must stay open
 * until inherit_init().
 */
int inherit_count(void);

/*
 * Adopt them, and remove LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES from the
 * environment. They become non-blocking and close-on-exec. Returns 0, or -1
 * when out of memory; then they are closed. Does not need inherit_count()
 * before.
 */
int inherit_init(struct inherit *in);
/* Close all of them; copies by inherit_take() stay open. */
void inherit_close(struct inherit *in);

/* The first datagram socket that is bound to exactly this address, or NULL. */
const struct inherited *inherit_find(
    const struct inherit *in, const struct addr *addr, uint16_t port);

/*
 * A duplicate of that descriptor, or -1. in may be NULL. The original stays
 * open: the service manager keeps the address bound, so a listener that one
 * reload removes and another adds again is found only here. both, when not
 * NULL, is set if it also receives IPv4.
 */
int inherit_take(const struct inherit *in, const struct addr *addr,
    uint16_t port, bool *both);

#endif
