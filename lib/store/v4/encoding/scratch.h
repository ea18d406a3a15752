/*
 * Memory for encoding or decoding one block: allocated bit by bit, released
 * all at once, and kept for the next block.
 *
 * Test: test/unit/store/test_int_stream.c.
 */
#ifndef FLOWD_SCRATCH_H
#define FLOWD_SCRATCH_H

#include <stddef.h>

struct scratch_chunk;

struct scratch {
	struct scratch_chunk *first;
	struct scratch_chunk *at; /* the chunk to allocate from */
	size_t used; /* octets of this chunk */
	size_t given; /* octets since the last reset */
	size_t max; /* octets that may be allocated */
};

void scratch_init(struct scratch *s, size_t max);
void scratch_fini(struct scratch *s);

/* Release everything. */
void scratch_reset(struct scratch *s);

/* Release what was allocated since the mark, which is still in the cache. */
struct scratch_mark {
	struct scratch_chunk *at;
	size_t used, given;
};

struct scratch_mark scratch_mark(const struct scratch *s);
void scratch_release(struct scratch *s, struct scratch_mark mark);

/*
 * Allocate size octets, aligned to a cache line and not zeroed; NULL past the
 * maximum or when out of memory. The next 64 octets may be accessed, too.
 */
void *scratch_take(struct scratch *s, size_t size);

#endif
