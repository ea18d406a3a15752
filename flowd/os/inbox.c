/* Datagrams that wait to be decoded; see inbox.h. */
#include <stdlib.h>
#include <string.h>

#include "inbox.h"

enum {
	/* Whatever a batch is, it fits behind a chunk that is not full. */
	HEADROOM = INBOX_BATCH * (INBOX_SLOT + INBOX_DATAGRAM)
};

struct inbox_chunk {
	struct inbox_chunk *next;
	size_t base; /* where the batch under way begins */
	size_t used; /* octets */
	size_t n; /* datagrams */
	size_t taken; /* of these */
	struct datagram list[INBOX_CHUNK];
	/* Not touched, the system gives no memory for the most of it. */
	uint8_t octets[INBOX_CHUNK_OCTETS + HEADROOM];
};

static void
chunk_reset(struct inbox_chunk *c)
{
	c->next = NULL;
	c->used = 0;
	c->n = 0;
	c->taken = 0;
}

static bool
chunk_full(const struct inbox_chunk *c)
{
	return c->n + INBOX_BATCH > INBOX_CHUNK ||
	       c->used + (size_t)INBOX_BATCH * INBOX_SLOT > INBOX_CHUNK_OCTETS;
}

void
inbox_limit(struct inbox *in, size_t max)
{
	in->most_chunks = max / INBOX_CHUNK_OCTETS;
	if (in->most_chunks == 0)
		in->most_chunks = 1;
}

bool
inbox_init(struct inbox *in, size_t max)
{
	*in = (struct inbox){
		.head = malloc(sizeof(struct inbox_chunk)),
		.rest = malloc((size_t)INBOX_BATCH * INBOX_REST),
		.nchunks = 1,
	};
	inbox_limit(in, max);
	in->tail = in->head;
	if (in->head != NULL && in->rest != NULL) {
		chunk_reset(in->head);
		return true;
	}
	inbox_fini(in);
	return false;
}

static void
free_chunks(struct inbox_chunk *c)
{
	struct inbox_chunk *next;

	for (; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
}

void
inbox_fini(struct inbox *in)
{
	if (in->head != NULL)
		free_chunks(in->head);
	free_chunks(in->spare);
	free(in->rest);
	*in = (struct inbox){ .head = NULL };
}

static struct inbox_chunk *
chunk_get(struct inbox *in)
{
	struct inbox_chunk *c = in->spare;

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
chunk_put(struct inbox *in, struct inbox_chunk *c)
{
	if (in->nspare == INBOX_SPARE) {
		free(c);
		return;
	}
	c->next = in->spare;
	in->spare = c;
	in->nspare++;
}

/* What has been taken as a whole is free again. */
static void
drop_taken(struct inbox *in)
{
	struct inbox_chunk *c;

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
inbox_begin(struct inbox *in)
{
	struct inbox_chunk *c;

	drop_taken(in);
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
inbox_slot(const struct inbox *in, size_t i)
{
	return in->tail->octets + in->tail->base + i * INBOX_SLOT;
}

uint8_t *
inbox_rest(const struct inbox *in, size_t i)
{
	return in->rest + i * INBOX_REST;
}

void
inbox_received(struct inbox *in, size_t n)
{
	in->tail->used = in->tail->base + n * INBOX_SLOT;
}

/* Behind the batch, where it is in one piece. */
static const uint8_t *
put_together(struct inbox *in, size_t i, size_t len)
{
	struct inbox_chunk *c = in->tail;
	uint8_t *whole = c->octets + c->used;

	memcpy(whole, inbox_slot(in, i), INBOX_SLOT);
	memcpy(whole + INBOX_SLOT, inbox_rest(in, i), len - INBOX_SLOT);
	c->used += len;
	return whole;
}

void
inbox_add(struct inbox *in, size_t i, size_t len, const struct sockaddr *from,
    int64_t recv_ns)
{
	struct datagram *d = &in->tail->list[in->tail->n++];

	d->payload.ptr = len > INBOX_SLOT ? put_together(in, i, len) :
					    inbox_slot(in, i);
	d->payload.len = len;
	d->src = addr_from_sockaddr(from, &d->port);
	d->recv_ns = recv_ns;
	if (++in->n > in->peak)
		in->peak = in->n;
}

const struct datagram *
inbox_take(struct inbox *in, size_t some, size_t *n)
{
	const struct datagram *d;
	struct inbox_chunk *c;

	drop_taken(in);
	c = in->head;
	*n = c->n - c->taken < some ? c->n - c->taken : some;
	if (*n == 0)
		return NULL;
	d = &c->list[c->taken];
	c->taken += *n;
	in->n -= *n;
	return d;
}
