/* The receive queue; see recv_queue.h. */
#include <stdlib.h>
#include <string.h>

#include "recv_queue.h"

enum {
	/* A maximum batch fits into any chunk that is not full. */
	HEADROOM = RECV_QUEUE_BATCH * (RECV_QUEUE_SLOT + RECV_QUEUE_DATAGRAM)
};

struct recv_queue_chunk {
	struct recv_queue_chunk *next;
	size_t base; /* start of the current batch */
	size_t used; /* octets */
	size_t n; /* datagrams */
	size_t taken; /* of these */
	struct datagram list[RECV_QUEUE_CHUNK];
	/* Most of this is never touched, so it uses no physical memory. */
	uint8_t octets[RECV_QUEUE_CHUNK_OCTETS + HEADROOM];
};

static void
chunk_reset(struct recv_queue_chunk *c)
{
	c->next = NULL;
	c->used = 0;
	c->n = 0;
	c->taken = 0;
}

static bool
chunk_full(const struct recv_queue_chunk *c)
{
	return c->n + RECV_QUEUE_BATCH > RECV_QUEUE_CHUNK ||
	       c->used + (size_t)RECV_QUEUE_BATCH * RECV_QUEUE_SLOT >
	           RECV_QUEUE_CHUNK_OCTETS;
}

void
recv_queue_limit(struct recv_queue *in, size_t max)
{
	in->most_chunks = max / RECV_QUEUE_CHUNK_OCTETS;
	if (in->most_chunks == 0)
		in->most_chunks = 1;
}

bool
recv_queue_init(struct recv_queue *in, size_t max)
{
	*in = (struct recv_queue){
		.head = malloc(sizeof(struct recv_queue_chunk)),
		.rest = malloc((size_t)RECV_QUEUE_BATCH * RECV_QUEUE_REST),
		.nchunks = 1,
	};
	recv_queue_limit(in, max);
	in->tail = in->head;
	if (in->head != NULL && in->rest != NULL) {
		chunk_reset(in->head);
		return true;
	}
	recv_queue_fini(in);
	return false;
}

static void
free_chunks(struct recv_queue_chunk *c)
{
	struct recv_queue_chunk *next;

	for (; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
}

void
recv_queue_fini(struct recv_queue *in)
{
	if (in->head != NULL)
		free_chunks(in->head);
	free_chunks(in->spare);
	free(in->rest);
	*in = (struct recv_queue){ .head = NULL };
}

static struct recv_queue_chunk *
chunk_get(struct recv_queue *in)
{
	struct recv_queue_chunk *c = in->spare;

	if (c != NULL) {
		in->spare = c->next;
		in->nspare--;
	} else {
		c = malloc(sizeof(*c));
	}
	if (c != NULL)
		chunk_reset(c);
	return c;
}

static void
chunk_put(struct recv_queue *in, struct recv_queue_chunk *c)
{
	if (in->nspare == RECV_QUEUE_SPARE) {
		free(c);
		return;
	}
	c->next = in->spare;
	in->spare = c;
	in->nspare++;
}

/* Free chunks from which all datagrams were taken. */
static void
free_taken_chunks(struct recv_queue *in)
{
	struct recv_queue_chunk *c;

	while (in->head->taken == in->head->n && in->head != in->tail) {
		c = in->head;
		in->head = c->next;
		in->nchunks--;
		chunk_put(in, c);
	}
	if (in->n == 0)
		chunk_reset(in->tail);
}

bool
recv_queue_begin(struct recv_queue *in)
{
	struct recv_queue_chunk *c;

	free_taken_chunks(in);
	if (chunk_full(in->tail)) {
		if (in->nchunks >= in->most_chunks)
			return false;
		c = chunk_get(in);
		if (c == NULL)
			return false;
		in->tail->next = c;
		in->tail = c;
		in->nchunks++;
	}
	in->tail->base = in->tail->used;
	return true;
}

uint8_t *
recv_queue_slot(const struct recv_queue *in, size_t i)
{
	return in->tail->octets + in->tail->base + i * RECV_QUEUE_SLOT;
}

uint8_t *
recv_queue_rest(const struct recv_queue *in, size_t i)
{
	return in->rest + i * RECV_QUEUE_REST;
}

void
recv_queue_received(struct recv_queue *in, size_t n)
{
	in->tail->used = in->tail->base + n * RECV_QUEUE_SLOT;
}

/* Copy a long datagram behind the batch, in one piece. */
static const uint8_t *
long_datagram_copy(struct recv_queue *in, size_t i, size_t len)
{
	struct recv_queue_chunk *c = in->tail;
	uint8_t *whole = c->octets + c->used;

	memcpy(whole, recv_queue_slot(in, i), RECV_QUEUE_SLOT);
	memcpy(whole + RECV_QUEUE_SLOT, recv_queue_rest(in, i),
	    len - RECV_QUEUE_SLOT);
	c->used += len;
	return whole;
}

void
recv_queue_add(struct recv_queue *in, size_t i, size_t len,
    const struct sockaddr *from, int64_t recv_ns)
{
	struct datagram *d = &in->tail->list[in->tail->n++];

	d->payload.ptr = len > RECV_QUEUE_SLOT
	    ? long_datagram_copy(in, i, len) : recv_queue_slot(in, i);
	d->payload.len = len;
	d->src = addr_from_sockaddr(from, &d->port);
	d->recv_ns = recv_ns;
	if (++in->n > in->peak)
		in->peak = in->n;
}

const struct datagram *
recv_queue_take(struct recv_queue *in, size_t some, size_t *n)
{
	const struct datagram *d;
	struct recv_queue_chunk *c;

	free_taken_chunks(in);
	c = in->head;
	*n = c->n - c->taken < some ? c->n - c->taken : some;
	if (*n == 0)
		return NULL;
	d = &c->list[c->taken];
	c->taken += *n;
	in->n -= *n;
	return d;
}
