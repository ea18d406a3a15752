/*
 * Memory for the work on one block of a columnar log: given out piece by
 * piece, taken back all at once, and kept for the next block.
 *
 * Test: test/unit/store/test_int_stream.c.
 */
#ifndef FLOWD_SCRATCH_H
#define FLOWD_SCRATCH_H

#include <stddef.h>

struct scratch_chunk;

struct scratch {
	struct scratch_chunk *first;
	struct scratch_chunk *at; /* where the next piece comes from */
	size_t used; /* of it */
	size_t given; /* octets since the last reset */
	size_t max; /* that may be given out */
};

void scratch_init(struct scratch *s, size_t max);
void scratch_fini(struct scratch *s);

/* Take everything back. */
void scratch_reset(struct scratch *s);

/* Take back what was given out since the mark: it is in the cache still. */
struct scratch_mark {
	struct scratch_chunk *at;
	size_t used, given;
};

struct scratch_mark scratch_mark(const struct scratch *s);
void scratch_release(struct scratch *s, struct scratch_mark mark);

/*
 * size octets on a cache line, not zeroed; NULL past the maximum or when out
 * of memory. 64 octets behind them may be read and written, too.
 */
void *scratch_take(struct scratch *s, size_t size);

#endif
