/*
 * Listeners: the UDP sockets that export datagrams come in by. The parent opens
 * them (sockets/listen.h) and hands them to the engines.
 *
 * Called by engine.c and listen.c. Tests: test/program/test_flowd.py.
 */
#ifndef FLOWD_LISTENER_H
#define FLOWD_LISTENER_H

#include "endpoint.h"
#include "recv.h"

struct inherit;

struct listener {
	struct endpoint at;
	int fd;
	uint32_t worker; /* which engine receives by it, from 0 on */
	uint32_t of; /* sockets of this address: steer.h */
	uint32_t asked; /* octets of receive buffer */
	uint32_t rcvbuf; /* what the system gave, 0 when it does not say */
	struct recv_counters counters;
};

struct listeners {
	struct listener *list;
	size_t n;
	struct group *groups; /* that all of their family were to join */
	size_t ngroups;
	const struct inherit *inherit; /* borrowed, tried first; or NULL */
};

/* The one that is bound to this address, or NULL. */
struct listener *listeners_find(
    const struct listeners *ls, const struct endpoint *at);

/* The smallest receive buffer; 0 without any listener. */
uint32_t listeners_rcvbuf(const struct listeners *ls);

/* A line for each: what it received, and what the system dropped. */
void listeners_log_counters(struct listeners *ls);

void listeners_close(struct listeners *ls);

#endif
