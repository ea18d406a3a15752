/*
 * Boundaries: a sorted list of the numbers or addresses at which something
 * changes; and a lookup of how many of them are at or below a value, with an
 * index over the bits that differ.
 *
 * A set of addresses is boundaries that enter and leave it in turn
 * (prefix_set.h); the classes of a column are boundaries with a class for each
 * (dimension.h). Test: test/unit/match/test_boundaries.c.
 */
#ifndef FLOWD_BOUNDARIES_H
#define FLOWD_BOUNDARIES_H

#include <stdbool.h>

#include "addr.h"

/* Boundaries of 32 bits: IPv4 addresses. */
struct boundaries4 {
	uint32_t *at;
	size_t n;
	uint32_t *index; /* index of the first boundary of each block */
	/* a power of two; the highest bits of an address choose the block */
	uint64_t blocks;
};

/* Boundaries of 128 bits: IPv6 addresses; hi is 0 for 64-bit numbers. */
struct boundaries6 {
	struct addr6 *at;
	size_t n;
	uint32_t *index;
	unsigned shift; /* applied to the 64 index bits, less base */
	bool low; /* the index bits are lo, as hi is the same everywhere */
	uint64_t base; /* the smallest value of the index bits */
};

static inline bool
addr6_less(struct addr6 a, struct addr6 b)
{
	return a.hi != b.hi ? a.hi < b.hi : a.lo < b.lo;
}

/*
 * Build the index, of at least 2^least_bits blocks, over at[0..n), which is
 * strictly increasing. Takes ownership of at even on failure. False when out of
 * memory.
 */
bool boundaries4_init(
    struct boundaries4 *s, uint32_t *at, size_t n, unsigned least_bits);
bool boundaries6_init(
    struct boundaries6 *s, struct addr6 *at, size_t n, unsigned least_bits);
void boundaries4_fini(struct boundaries4 *s);
void boundaries6_fini(struct boundaries6 *s);

/* A multiplication is cheaper than a variable shift. */
static inline size_t
boundaries4_block(const struct boundaries4 *s, uint32_t x)
{
	return (size_t)(x * s->blocks >> 32);
}

/* The number of boundaries at or below x. */
static inline size_t
boundaries4_find(const struct boundaries4 *s, uint32_t x)
{
	size_t block = boundaries4_block(s, x);
	size_t i = s->index[block], end = s->index[block + 1];

	while (end - i > 8) {
		size_t middle = i + (end - i) / 2;

		if (s->at[middle] <= x)
			i = middle;
		else
			end = middle;
	}
	while (i < end && s->at[i] <= x)
		i++;
	return i;
}

size_t boundaries6_find(const struct boundaries6 *s, struct addr6 x);

#endif
