/*
 * Receiving: datagrams from a socket into memory, as many as are there.
 *
 * A socket is drained before anything is decoded, so that the system's buffer
 * is free again for a burst. recv_linux.c takes many datagrams in one call,
 * recv_posix.c one. Called by the daemon's loop.
 * Test: test/unit/flowd/test_recv.c (both), test/program/test_flowd.py.
 */
#ifndef FLOWD_RECV_H
#define FLOWD_RECV_H

#include <sys/socket.h>

#include "decode.h"

enum {
	INBOX_DATAGRAM = 65536, /* octets for one datagram: all of UDP */
	INBOX_BATCH = 64, /* datagrams in one call */
	INBOX_MAX = 16384, /* datagrams before they are decoded */
	INBOX_OCTETS = 16 * 1024 * 1024 /* octets of theirs */
};

/* Datagrams in the order they came. Their octets lie close together. */
struct inbox {
	uint8_t *octets;
	size_t used;
	struct datagram *list;
	size_t n;
};

/* False when out of memory. */
bool inbox_init(struct inbox *in);
void inbox_fini(struct inbox *in);
void inbox_reset(struct inbox *in);
/* No room for INBOX_BATCH datagrams of any size. */
bool inbox_full(const struct inbox *in);

/* Where the i-th datagram of a call is received; INBOX_DATAGRAM octets. */
uint8_t *inbox_slot(const struct inbox *in, size_t base, size_t i);
/*
 * Add what was received at slot: moved to where the last one ends. Slots are
 * added in their order.
 */
void inbox_add(struct inbox *in, const uint8_t *slot, size_t len,
    const struct sockaddr *from, int64_t recv_ns);

/* Nanoseconds since 1970. */
int64_t recv_clock(void);

/*
 * Receive until the socket is empty or the inbox full. The socket does not
 * block. Returns 0, or -1 and errno when the socket fails.
 */
int recv_drain(int fd, struct inbox *in);
/* The same, one datagram a call: for systems without recvmmsg(2). */
int recv_drain_posix(int fd, struct inbox *in);

#endif
