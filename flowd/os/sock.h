/*
 * What systems do differently with the sockets that flowd uses:
 * sock_linux.c, and sock_posix.c for all others. Nothing is logged here.
 *
 * Functions return 0, or -1 and errno; ENOTSUP where the system has no such
 * thing. Called by listener.c, multicast.c, forward.c and those who serve clients.
 * Tests: test/program/test_networks.py, test/unit/flowd/test_conn.c.
 */
#ifndef FLOWD_SOCK_H
#define FLOWD_SOCK_H

#include <stddef.h>
#include <stdint.h>

#include "addr.h"

/*
 * Set the receive buffer to this many octets, past the system's maximum where
 * we may. Linux gives less without an error: ask sock_rcvbuf().
 */
int sock_set_rcvbuf(int fd, uint32_t octets);
/*
 * The size of the receive buffer, in the unit of sock_set_rcvbuf(). 0 when it
 * is not known.
 */
uint32_t sock_rcvbuf(int fd);

/* As much of it as the system gives. */
void sock_set_sndbuf(int fd, int octets);

/* Receive what comes in by this interface only. Before bind(2). */
int sock_bind_iface(int fd, const char *iface);

/*
 * Join or leave an IPv4 group at an interface; index 0 is what the system's
 * routes say. IPv6 needs nothing of the kind.
 */
int sock_join4(int fd, uint32_t group, unsigned index);
int sock_leave4(int fd, uint32_t group, unsigned index);

/* Have what is dropped for want of room counted; see recv_drops(). */
int sock_count_drops(int fd);

/*
 * Octets of what was sent by a stream that the other end has not taken yet;
 * of a local one with what the system needs to keep them. 0 where the system
 * does not say. Nobody learns that by a poll: it tells that there is room only
 * when there is much.
 */
size_t sock_untaken(int fd);

/* Octets of memory the machine has; 0 when that is not known. */
uint64_t sock_memory(void);

#endif
