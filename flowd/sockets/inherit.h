/*
 * Sockets that a service manager opened and hands to this process (LISTEN_FDS,
 * socket activation): it holds them while flowd is restarted, so that what
 * arrives meanwhile is not lost.
 *
 * Called by main, before anything is closed, and by the listeners.
 * Tests: test/unit/flowd/test_inherit.c, test/program/test_service.py.
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
	bool both; /* an IPv6 socket that takes IPv4, too */
	char name[INHERIT_NAME_MAX]; /* for messages; empty when not given */
};

struct inherit {
	struct inherited *list;
	size_t n;
};

/*
 * How many descriptors behind standard error are handed over. They are to
 * stay open until inherit_init().
 */
int inherit_count(void);

/*
 * Take them, and remove LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES from the
 * environment. They are made non-blocking and not handed on. Returns 0, or -1
 * out of memory; then they are closed. Needs no inherit_count() before.
 */
int inherit_init(struct inherit *in);
/* Close them all; copies that inherit_take() gave stay. */
void inherit_close(struct inherit *in);

/* The first datagram socket that is bound to this very address, or NULL. */
const struct inherited *inherit_find(
    const struct inherit *in, const struct addr *addr, uint16_t port);

/*
 * A copy of that, or -1. in may be NULL. The original stays: a manager keeps
 * the address bound, so a listener that a reload drops and another brings
 * back finds it here only. both, when not NULL, says whether it takes IPv4 as
 * well.
 */
int inherit_take(const struct inherit *in, const struct addr *addr,
    uint16_t port, bool *both);

#endif
