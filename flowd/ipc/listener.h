/*
 * Listeners: the UDP sockets on which export datagrams arrive. The parent opens
 * them (sockets/listen.h) and sends them to the engines.
 *
 * Called by the engine, listen.c and parent.c.
 * Tests: test/unit/flowd/ipc/test_endpoint.c, test/program/flowd/test_flowd.py.
 */
#ifndef FLOWD_LISTENER_H
#define FLOWD_LISTENER_H

#include "endpoint.h"
#include "recv.h"

struct inherit;

struct listener {
	struct endpoint at;
	int fd;
	uint32_t worker; /* number of the engine that receives on it */
	uint32_t of; /* how many sockets share this address: steer.h */
	uint32_t asked; /* requested size of the receive buffer, octets */
	uint32_t rcvbuf; /* granted size; 0 when the system does not say */
	struct recv_counters counters;
};

struct listeners {
	struct listener *list;
	size_t n;
	struct multicast_group
	    *groups; /* joined on every socket of their family */
	size_t ngroups;
	/* sockets of the service manager, borrowed; or NULL */
	const struct inherit *inherit;
};

/* The listener that is bound to this address, or NULL. */
struct listener *listeners_find(
    const struct listeners *ls, const struct endpoint *at);

/* The smallest receive buffer of all, in octets; 0 without listeners. */
uint32_t listeners_rcvbuf(const struct listeners *ls);

/* Log a line for each listener: datagrams received and dropped. */
void listeners_log_counters(struct listeners *ls);

void listeners_close(struct listeners *ls);

#endif
