/*
 * The queue of datagrams from the engines to the forwarder: a pair of datagram
 * sockets, whose send buffer is the queue. Datagrams that do not fit are
 * dropped.
 *
 * Called by shmem.c, engine_receive.c and forwarder.c. Test:
 * test/program/flowd/test_forward.py.
 */
#ifndef FLOWD_FORWARD_QUEUE_H
#define FLOWD_FORWARD_QUEUE_H

#include "decode.h"

enum { FORWARD_DATAGRAM_MAX = 65536 /* octets of a payload */ };

/*
 * Create the pair: ends[0] is for the engines, ends[1] for the forwarder.
 * Returns 0, or -1 and errno.
 */
int forward_queue_open(int ends[2]);

/*
 * Append n datagrams. Returns how many were dropped because the queue is full.
 */
size_t forward_queue_put(
    int fd, const struct datagram *const *list, size_t n);

/*
 * Read one datagram without blocking. Its payload is copied to octets, which
 * has room for FORWARD_DATAGRAM_MAX. Returns false when the queue is empty.
 */
bool forward_queue_take(int fd, struct datagram *d, uint8_t *octets);

#endif
