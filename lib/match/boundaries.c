/*
 * Boundaries and their index; see boundaries.h. Test:
 * test/unit/match/test_boundaries.c.
 */
#include <stdlib.h>

#include "boundaries.h"

enum {
	INDEX_BITS_MAX = 20 /* 4 MiB of index */
};

/* Chooses as many blocks as boundaries, or up to twice as many. */
static unsigned
index_bits(size_t n, unsigned least)
{
	unsigned bits = least;

	while (bits < INDEX_BITS_MAX && (size_t)1 << bits < n)
		bits++;
	return bits;
}

bool
boundaries4_init(
    struct boundaries4 *s, uint32_t *at, size_t n, unsigned least_bits)
{
	size_t blocks = (size_t)1 << index_bits(n, least_bits), i = 0;

	*s = (struct boundaries4){ .at = at, .n = n, .blocks = blocks };
	s->index = malloc((blocks + 1) * sizeof(*s->index));
	if (s->index == NULL) {
		boundaries4_fini(s);
		return false;
	}
	for (size_t block = 0; block < blocks; block++) {
		while (i < n && boundaries4_block(s, at[i]) < block)
			i++;
		s->index[block] = (uint32_t)i;
	}
	s->index[blocks] = (uint32_t)n;
	return true;
}

void
boundaries4_fini(struct boundaries4 *s)
{
	free(s->at);
	free(s->index);
	*s = (struct boundaries4){ .n = 0 };
}

/* The 64 bits of an address that index the blocks. */
static uint64_t
addr6_key(const struct boundaries6 *s, struct addr6 x)
{
	return s->low ? x.lo : x.hi;
}

static unsigned
bit_length(uint64_t v)
{
	unsigned n = 0;

	for (; v != 0; v >>= 1)
		n++;
	return n;
}

bool
boundaries6_init(
    struct boundaries6 *s, struct addr6 *at, size_t n, unsigned least_bits)
{
	unsigned bits = index_bits(n, least_bits), width;
	size_t blocks, i = 0;

	*s = (struct boundaries6){ .at = at, .n = n };
	if (n > 0) {
		s->low = at[0].hi == at[n - 1].hi;
		s->base = addr6_key(s, at[0]);
		width = bit_length(addr6_key(s, at[n - 1]) - s->base);
		s->shift = width > bits ? width - bits : 0;
	}
	blocks = (size_t)1 << bits;
	s->index = malloc((blocks + 1) * sizeof(*s->index));
	if (s->index == NULL) {
		boundaries6_fini(s);
		return false;
	}
	for (size_t block = 0; block < blocks; block++) {
		while (i < n &&
		    (addr6_key(s, at[i]) - s->base) >> s->shift < block)
			i++;
		s->index[block] = (uint32_t)i;
	}
	s->index[blocks] = (uint32_t)n;
	return true;
}

void
boundaries6_fini(struct boundaries6 *s)
{
	free(s->at);
	free(s->index);
	*s = (struct boundaries6){ .n = 0 };
}

/* Keys between the first and the last boundary are in a block. */
size_t
boundaries6_find(const struct boundaries6 *s, struct addr6 x)
{
	size_t i, end, block;

	if (s->n == 0 || addr6_less(x, s->at[0]))
		return 0;
	if (!addr6_less(x, s->at[s->n - 1]))
		return s->n;
	block = (size_t)((addr6_key(s, x) - s->base) >> s->shift);
	i = s->index[block];
	end = s->index[block + 1];
	while (end - i > 4) {
		size_t middle = i + (end - i) / 2;

		if (addr6_less(x, s->at[middle]))
			end = middle;
		else
			i = middle;
	}
	while (i < end && !addr6_less(x, s->at[i]))
		i++;
	return i;
}
