/*
 * Datagrams on their way from the engines to the forwarder, over a pair of
 * sockets: the queue is the send buffer of the system, and what does not fit
 * is refused.
 *
 * Called by shmem.c, engine.c and forwarder.c.
 * Test: test/program/test_forward.py.
 */
#ifndef FLOWD_FORWARD_QUEUE_H
#define FLOWD_FORWARD_QUEUE_H

#include "decode.h"

enum { FORWARD_DATAGRAM_MAX = 65536 /* octets of a payload */ };

/* [0] is the end of the engines, [1] that of the forwarder. -1 and errno. */
int forward_queue_open(int ends[2]);

/* Put n datagrams. Returns how many did not fit: they are dropped. */
size_t forward_queue_put(
    int fd, const struct datagram *const *list, size_t n);

/*
 * Take one without waiting; its payload goes to octets, which has room for
 * FORWARD_DATAGRAM_MAX. False when there is none.
 */
bool forward_queue_take(int fd, struct datagram *d, uint8_t *octets);

#endif
