/*
 * Sends datagrams over a connected UDP socket: many with one system call,
 * where the system has one.
 *
 * Called by send.c. Test: test/program/reader/test_send.py.
 */
#ifndef FLOWD_SEND_UDP_H
#define FLOWD_SEND_UDP_H

#include "datagrams.h"

struct endpoint {
	struct addr addr;
	uint16_t port;
};

struct udp {
	int fd;
	uint64_t sent;	/* datagrams that the system accepted */
	uint64_t refused;	/* datagrams that the destination refused */
};

/* from->addr may be ADDR_NONE: the system chooses. 0 or FLOWD_EIO. */
int udp_open(struct udp *u, const struct endpoint *to,
    const struct endpoint *from, struct flowd_error *err);

/*
 * Send n datagrams, waiting while the socket is full. Returns 0 or FLOWD_EIO.
 * Nobody listening is no failure: it is counted.
 */
int udp_send(struct udp *u, const struct outgoing *d, unsigned n,
    struct flowd_error *err);

/* Also detects whether the last datagram was refused. */
void udp_close(struct udp *u);

#endif
