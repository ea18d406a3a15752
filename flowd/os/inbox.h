/*
 * Datagrams that have been received and wait to be decoded, in their order.
 *
 * Memory is taken in chunks, as many as what waits needs, up to a maximum; a
 * few stay. A datagram is received straight into its place when it has not
 * more than INBOX_SLOT octets, as nearly all have; a longer one is put
 * together behind. While nothing much waits the same memory is used over and
 * over, so that it stays in the processor's cache.
 *
 *	while (inbox_begin(in)) {
 *		... receive up to INBOX_BATCH datagrams, the i-th into
 *		inbox_slot(in, i), and the rest of it into
 *		inbox_rest(in, i) ...
 *		inbox_received(in, n);
 *		for (i = 0; i < n; i++)
 *			inbox_add(in, i, len, from, time);
 *	}
 *	while ((d = inbox_take(in, some, &n)) != NULL)
 *		... n datagrams from d on ...
 *
 * Filled by recv_*.c, emptied by whoever decodes. Test:
 * test/unit/flowd/test_inbox.c.
 */
#ifndef FLOWD_INBOX_H
#define FLOWD_INBOX_H

#include <sys/socket.h>

#include "decode.h"

enum {
	INBOX_DATAGRAM = 65536, /* octets of one datagram: all of UDP */
	INBOX_SLOT = 2048, /* octets that are received in place */
	INBOX_REST = INBOX_DATAGRAM - INBOX_SLOT,
	INBOX_BATCH = 64, /* datagrams in one call */
	INBOX_CHUNK = 2048, /* datagrams in a chunk */
	INBOX_CHUNK_OCTETS = INBOX_CHUNK * INBOX_SLOT,
	INBOX_SPARE = 4, /* chunks that are kept for the next burst */
	INBOX_DEFAULT = 64 * 1024 * 1024 /* octets */
};

struct inbox_chunk;

struct inbox {
	struct inbox_chunk *head; /* is emptied */
	struct inbox_chunk *tail; /* is filled */
	struct inbox_chunk *spare;
	uint8_t *rest; /* INBOX_REST for each of a batch */
	size_t nspare;
	size_t nchunks; /* from head to tail */
	size_t most_chunks;
	size_t n; /* datagrams that wait */
	size_t peak; /* most that ever did */
};

/*
 * max is in octets; at least a chunk's are taken. False when out of memory.
 */
bool inbox_init(struct inbox *in, size_t max);
void inbox_fini(struct inbox *in);
/* Another maximum; what waits above it stays. */
void inbox_limit(struct inbox *in, size_t max);

/* Make room for a batch. False when it is full or memory is short. */
bool inbox_begin(struct inbox *in);
uint8_t *inbox_slot(const struct inbox *in, size_t i);
uint8_t *inbox_rest(const struct inbox *in, size_t i);
/* So many of the batch have come. */
void inbox_received(struct inbox *in, size_t n);
/* One after the other, each once; len with what is in the rest. */
void inbox_add(struct inbox *in, size_t i, size_t len,
    const struct sockaddr *from, int64_t recv_ns);

static inline bool
inbox_empty(const struct inbox *in)
{
	return in->n == 0;
}

/*
 * Take up to some datagrams, the oldest. They are borrowed until the next call
 * of inbox_take() or inbox_begin(). NULL when there is none.
 */
const struct datagram *inbox_take(struct inbox *in, size_t some, size_t *n);

#endif
