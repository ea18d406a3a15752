/* Steps and their index; see steps.h. Test: test/unit/match/test_steps.c. */
#include <stdlib.h>

#include "steps.h"

enum {
	INDEX_BITS_MAX = 20 /* 4 MiB of index */
};

/* As many blocks as there are places, or up to twice as many. */
static unsigned
index_bits(size_t n, unsigned least)
{
	unsigned bits = least;

	while (bits < INDEX_BITS_MAX && (size_t)1 << bits < n)
		bits++;
	return bits;
}

bool
steps4_init(struct steps4 *s, uint32_t *at, size_t n, unsigned least_bits)
{
	size_t blocks = (size_t)1 << index_bits(n, least_bits), i = 0;

	*s = (struct steps4){ .at = at, .n = n, .blocks = blocks };
	s->index = malloc((blocks + 1) * sizeof(*s->index));
	if (s->index == NULL) {
		steps4_fini(s);
		return false;
	}
	for (size_t block = 0; block < blocks; block++) {
		while (i < n && steps4_block(s, at[i]) < block)
			i++;
		s->index[block] = (uint32_t)i;
	}
	s->index[blocks] = (uint32_t)n;
	return true;
}

void
steps4_fini(struct steps4 *s)
{
	free(s->at);
	free(s->index);
	*s = (struct steps4){ .n = 0 };
}

/* The 64 bits by which a place is found. */
static uint64_t
addr6_key(const struct steps6 *s, struct addr6 x)
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
steps6_init(struct steps6 *s, struct addr6 *at, size_t n, unsigned least_bits)
{
	unsigned bits = index_bits(n, least_bits), width;
	size_t blocks, i = 0;

	*s = (struct steps6){ .at = at, .n = n };
	if (n > 0) {
		s->low = at[0].hi == at[n - 1].hi;
		s->base = addr6_key(s, at[0]);
		width = bit_length(addr6_key(s, at[n - 1]) - s->base);
		s->shift = width > bits ? width - bits : 0;
	}
	blocks = (size_t)1 << bits;
	s->index = malloc((blocks + 1) * sizeof(*s->index));
	if (s->index == NULL) {
		steps6_fini(s);
		return false;
	}
	for (size_t block = 0; block < blocks; block++) {
		while (i < n && (addr6_key(s, at[i]) - s->base) >> s->shift < block)
			i++;
		s->index[block] = (uint32_t)i;
	}
	s->index[blocks] = (uint32_t)n;
	return true;
}

void
steps6_fini(struct steps6 *s)
{
	free(s->at);
	free(s->index);
	*s = (struct steps6){ .n = 0 };
}

/* Between the first and the last place the key lies in a block. */
size_t
steps6_find(const struct steps6 *s, struct addr6 x)
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
