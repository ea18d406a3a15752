/*
 * Receiving: datagrams from a socket into the inbox, as many as are there.
 *
 * A socket is drained before anything is decoded, so that the system's buffer
 * is free again for a burst. recv_linux.c takes many datagrams in one call,
 * recv_posix.c one. Called by the daemon's loop.
 * Test: test/unit/flowd/test_recv.c (both), test/program/test_flowd.py.
 */
#ifndef FLOWD_RECV_H
#define FLOWD_RECV_H

#include "recv_queue.h"

enum {
	RECV_TURN = 4096 /* datagrams, then it is another socket's turn */
};

/* Counts of one socket. The system's counter of drops has 32 bits. */
struct recv_counters {
	uint64_t datagrams;
	uint64_t octets;
	uint64_t dropped; /* by the system, for want of room */
	uint32_t system_drops; /* its counter as it was last seen */
};

/*
 * What a call to receive is made with. It may lie in memory that outlives the
 * process: what the system had put into it when the process died is told by
 * recv_call_taken(), in datagrams.
 */
enum { RECV_CALL_OCTETS = 16 * 1024 };

struct recv_call {
	_Alignas(16) uint8_t octets[RECV_CALL_OCTETS];
};

uint64_t recv_call_taken(const struct recv_call *call);

/*
 * Receive until the socket is empty, the inbox full, or RECV_TURN datagrams
 * are in. The socket does not block. Returns 0, or 1 when there may be more in
 * the socket, or -1 and errno when the socket fails. call is all zero.
 */
int recv_drain(int fd, struct recv_queue *in, struct recv_counters *c,
    struct recv_call *call);
/* The same, one datagram a call: for systems without recvmmsg(2). */
int recv_drain_posix(int fd, struct recv_queue *in, struct recv_counters *c);

/*
 * Look at the system's counter of drops. Without this they are seen when the
 * next datagram is received. False where the system does not say.
 */
bool recv_look_at_drops(int fd, struct recv_counters *c);

/*
 * The system's counter was seen to be this. It wraps; and what a datagram
 * carries, which is from when it was queued, may be older than what was seen.
 */
static inline void
recv_drops_seen(struct recv_counters *c, uint32_t system_drops)
{
	uint32_t more = system_drops - c->system_drops;

	if (more > INT32_MAX)
		return;
	c->dropped += more;
	c->system_drops = system_drops;
}

#endif
