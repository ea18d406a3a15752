/*
 * Pages: for each IPv4 /24 whether it is outside a set, inside, or mixed. Most
 * lookups take one or two loads without a branch, where a binary search would
 * mispredict at every step.
 *
 * A part of prefix_set.h, for sets that are not small. Test:
 * test/unit/match/test_prefix_set.c.
 */
#ifndef FLOWD_PAGES_H
#define FLOWD_PAGES_H

#include "bitmap.h"
#include "boundaries.h"

enum page { PAGE_OUT = 0, PAGE_IN = 1, PAGE_MIXED = 2 };

enum {
	PAGES_OCTETS = 32 /* of the 256 pages of a /16, a bit each */
};

struct pages {
	/*
	 * Of a /16: where its bits are, in PAGES_OCTETS, times 2; and 1 where
	 * as many bits follow that say which pages are mixed.
	 */
	uint32_t *index; /* NULL: not made */
	uint8_t *bits;
	/*
	 * Where most /16s have bits of their own, the bits of all are in
	 * their order, which saves a load; the index is of those that say
	 * which pages are mixed, in the /16s with a bit here.
	 */
	uint64_t *mixed; /* or NULL */
};

/*
 * Build from boundaries that enter and leave the set in turn. False when out of
 * memory.
 */
bool pages_init(struct pages *pages, const struct boundaries4 *steps);
void pages_fini(struct pages *pages);

static inline enum page
pages_find_flat(const struct pages *pages, uint32_t v4)
{
	uint32_t block = v4 >> 16;
	unsigned bit = v4 >> 8 & 7;

	if (bitmap_test(pages->mixed, block)) {
		const uint8_t *mixed = pages->bits +
		    (size_t)pages->index[block] * PAGES_OCTETS;

		if ((mixed[v4 >> 11 & 31] >> bit & 1) != 0)
			return PAGE_MIXED;
	}
	return (enum page)(pages->bits[v4 >> 11] >> bit & 1);
}

static inline enum page
pages_find_indexed(const struct pages *pages, uint32_t v4)
{
	uint32_t entry = pages->index[v4 >> 16];
	const uint8_t *bits = pages->bits +
	    (size_t)(entry >> 1) * PAGES_OCTETS + (v4 >> 11 & 31);
	unsigned bit = v4 >> 8 & 7;

	if ((entry & 1) != 0 && (bits[PAGES_OCTETS] >> bit & 1) != 0)
		return PAGE_MIXED;
	return (enum page)(*bits >> bit & 1);
}

static inline enum page
pages_find(const struct pages *pages, uint32_t v4)
{
	return pages->mixed != NULL ? pages_find_flat(pages, v4)
				    : pages_find_indexed(pages, v4);
}

#endif
