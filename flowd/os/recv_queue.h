/*
 * The receive queue: datagrams that wait to be decoded, in order of arrival.
 *
 * Memory is allocated in chunks on demand, up to a maximum; a few free chunks
 * are kept. Datagrams of up to RECV_QUEUE_SLOT octets, which are nearly all,
 * are received in place; longer ones are copied behind the batch. While few
 * datagrams wait, the same memory is reused, so that it stays in the cache.
 *
 *	while (recv_queue_begin(in)) {
 *		... receive up to RECV_QUEUE_BATCH datagrams, the i-th into
 *		recv_queue_slot(in, i), and the rest of it into
 *		recv_queue_rest(in, i) ...
 *		recv_queue_received(in, n);
 *		for (i = 0; i < n; i++)
 *			recv_queue_add(in, i, len, from, time);
 *	}
 *	while ((d = recv_queue_take(in, some, &n)) != NULL)
 *		... n datagrams from d on ...
 *
 * Called by recv_linux.c, recv_posix.c and the engine.
 * Test: test/unit/flowd/os/test_recv_queue.c.
 */
#ifndef FLOWD_RECV_QUEUE_H
#define FLOWD_RECV_QUEUE_H

#include <sys/socket.h>

#include "decode.h"

enum {
	RECV_QUEUE_DATAGRAM = 65536, /* octets of one datagram, at most */
	/* octets that are received in place, see above */
	RECV_QUEUE_SLOT = 2048,
	RECV_QUEUE_REST = RECV_QUEUE_DATAGRAM - RECV_QUEUE_SLOT,
	RECV_QUEUE_BATCH = 64, /* datagrams in one call */
	RECV_QUEUE_CHUNK = 2048, /* datagrams in a chunk */
	RECV_QUEUE_CHUNK_OCTETS = RECV_QUEUE_CHUNK * RECV_QUEUE_SLOT,
	RECV_QUEUE_SPARE = 4, /* chunks that are kept for the next burst */
	RECV_QUEUE_DEFAULT = 64 * 1024 * 1024 /* octets */
};

struct recv_queue_chunk;

struct recv_queue {
	struct recv_queue_chunk *head; /* datagrams are taken from here */
	struct recv_queue_chunk *tail; /* datagrams are added here */
	struct recv_queue_chunk *spare;
	uint8_t *rest; /* RECV_QUEUE_REST for each of a batch */
	size_t nspare;
	size_t nchunks; /* from head to tail */
	size_t most_chunks;
	size_t n; /* datagrams in the queue */
	size_t peak; /* highest value of n */
};

/*
 * max is in octets, and at least one chunk is used. False when out of memory.
 */
bool recv_queue_init(struct recv_queue *in, size_t max);
void recv_queue_fini(struct recv_queue *in);
/* Change the limit; datagrams beyond it are kept. */
void recv_queue_limit(struct recv_queue *in, size_t max);

/*
 * Make room for a batch. Returns false when the queue is full or memory is
 * short.
 */
bool recv_queue_begin(struct recv_queue *in);
uint8_t *recv_queue_slot(const struct recv_queue *in, size_t i);
uint8_t *recv_queue_rest(const struct recv_queue *in, size_t i);
/* Record that n datagrams of the batch were received. */
void recv_queue_received(struct recv_queue *in, size_t n);
/* Add the i-th of them, in order and each once; len includes the rest. */
void recv_queue_add(struct recv_queue *in, size_t i, size_t len,
    const struct sockaddr *from, int64_t recv_ns);

static inline bool
recv_queue_empty(const struct recv_queue *in)
{
	return in->n == 0;
}

/*
 * Take up to some datagrams from the front. They are borrowed until the next
 * call of recv_queue_take() or recv_queue_begin(). NULL when the queue is
 * empty.
 */
const struct datagram *recv_queue_take(struct recv_queue *in, size_t some,
    size_t *n);

#endif
