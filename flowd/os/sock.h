/*
 * Socket options that differ between systems: sock_linux.c, and sock_posix.c
 * for all others. Nothing is logged here.
 *
 * Functions return 0, or -1 and errno; ENOTSUP where the system has no such
 * option. Called by the files of sockets/, conn.c and http.c. Tests:
 * test/program/flowd/test_networks.py, test/unit/flowd/ipc/test_conn.c.
 */
#ifndef FLOWD_SOCK_H
#define FLOWD_SOCK_H

#include <stddef.h>
#include <stdint.h>

#include "addr.h"

/*
 * Set the size of the receive buffer, beyond the system limit if permitted.
 * Linux may give less without an error: ask sock_rcvbuf().
 */
int sock_set_rcvbuf(int fd, uint32_t octets);
/* The size of the receive buffer in the same unit; 0 when unknown. */
uint32_t sock_rcvbuf(int fd);

/* Set the size of the send buffer, as far as the system permits. */
void sock_set_sndbuf(int fd, int octets);

/* Receive only from this interface. Before bind(2). */
int sock_bind_iface(int fd, const char *iface);

/*
 * Join or leave an IPv4 group on an interface; with index 0 the routing table
 * decides. IPv6 needs no such function.
 */
int sock_join4(int fd, uint32_t group, unsigned index);
int sock_leave4(int fd, uint32_t group, unsigned index);

/*
 * Count datagrams that are dropped because the buffer is full; see
 * recv_count_drops().
 */
int sock_count_drops(int fd);

/*
 * Octets sent on a stream that the peer has not read yet; for a local one with
 * the overhead of the system. 0 where the system does not say. poll(2) cannot
 * tell this: it reports room only when there is much.
 */
size_t sock_unread(int fd);

/* Physical memory in octets; 0 when unknown. */
uint64_t sock_memory(void);

#endif
