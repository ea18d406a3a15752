/*
 * Receives datagrams from a socket into the receive queue, as many as have
 * arrived.
 *
 * Sockets are drained before anything is decoded, so that their buffers are
 * free for the next burst. recv_linux.c receives many datagrams per call,
 * recv_posix.c one. Called by engine_receive.c, listener.c and
 * shared_counters.c. Tests: test/unit/flowd/os/test_recv.c (both),
 * test/program/flowd/test_flowd.py.
 */
#ifndef FLOWD_RECV_H
#define FLOWD_RECV_H

#include "recv_queue.h"

enum {
	RECV_TURN = 4096 /* datagrams before the next socket is read */
};

/* Counters of one socket. That of drops in the system has 32 bits. */
struct recv_counters {
	uint64_t datagrams;
	uint64_t octets;
	uint64_t dropped; /* by the system, because the buffer was full */
	uint32_t system_drops; /* last value of its counter */
};

/*
 * The arguments of a receive call. In shared memory, they show after a crash
 * how many datagrams the system had received: recv_call_received().
 */
enum { RECV_CALL_OCTETS = 16 * 1024 };

struct recv_call {
	_Alignas(16) uint8_t octets[RECV_CALL_OCTETS];
};

uint64_t recv_call_received(const struct recv_call *call);

/*
 * Receive until the socket is empty, the queue is full, or RECV_TURN datagrams
 * were received. The socket is non-blocking. Returns 0, 1 when more may be
 * waiting, or -1 and errno. call is zeroed.
 */
int recv_drain(int fd, struct recv_queue *in, struct recv_counters *c,
    struct recv_call *call);
/* The same with one datagram per call, for systems without recvmmsg(2). */
int recv_drain_posix(int fd, struct recv_queue *in, struct recv_counters *c);

/*
 * Read the system's counter of drops, which otherwise comes with the next
 * datagram. Returns false where the system has none.
 */
bool recv_update_drops(int fd, struct recv_counters *c);

/*
 * Update from the system's counter. It wraps; and the value of a datagram is
 * from when it was queued, so it may be older than one seen before.
 */
static inline void
recv_count_drops(struct recv_counters *c, uint32_t system_drops)
{
	uint32_t more = system_drops - c->system_drops;

	if (more > INT32_MAX)
		return;
	c->dropped += more;
	c->system_drops = system_drops;
}

#endif
