/*
 * A direct index of a set of IPv4 addresses by their first 24 bits: for each
 * /24 whether it is outside the set, inside, or mixed. It is as the first table
 * of DIR-24-8 (Gupta, Lin and McKeown, 1998), but with a bit or two for a /24.
 * Most lookups take one or two loads without a branch, where a binary search
 * would mispredict at every step.
 *
 * A part of prefix_set.h, for sets that are not small. Test:
 * test/unit/match/test_prefix_set.c.
 */
#ifndef FLOWD_DIR24_H
#define FLOWD_DIR24_H

#include "bitmap.h"
#include "boundaries.h"

enum dir24_state { DIR24_OUT = 0, DIR24_IN = 1, DIR24_MIXED = 2 };

enum {
	DIR24_OCTETS = 32 /* of the 256 /24s of a /16, a bit each */
};

struct dir24 {
	/*
	 * For each /16: the position of its bits, in DIR24_OCTETS, times 2,
	 * plus 1 if as many bits follow that mark the mixed /24s.
	 */
	uint32_t *index; /* NULL: not built */
	uint8_t *bits;
	/*
	 * The flat form, for sets where most /16s need bits of their own: the
	 * bits of all /16s are in order, which saves a load. A bit here marks a
	 * /16 with mixed /24s, and index is the position of the bits that mark
	 * these.
	 */
	uint64_t *mixed; /* or NULL */
};

/*
 * Build from boundaries that enter and leave the set in turn. False when out of
 * memory.
 */
bool dir24_init(struct dir24 *dir, const struct boundaries4 *set);
void dir24_fini(struct dir24 *dir);

static inline enum dir24_state
dir24_find_flat(const struct dir24 *dir, uint32_t v4)
{
	uint32_t block = v4 >> 16;
	unsigned bit = v4 >> 8 & 7;

	if (bitmap_test(dir->mixed, block)) {
		const uint8_t *mixed = dir->bits +
		    (size_t)dir->index[block] * DIR24_OCTETS;

		if ((mixed[v4 >> 11 & 31] >> bit & 1) != 0)
			return DIR24_MIXED;
	}
	return (enum dir24_state)(dir->bits[v4 >> 11] >> bit & 1);
}

static inline enum dir24_state
dir24_find_indexed(const struct dir24 *dir, uint32_t v4)
{
	uint32_t entry = dir->index[v4 >> 16];
	const uint8_t *bits = dir->bits +
	    (size_t)(entry >> 1) * DIR24_OCTETS + (v4 >> 11 & 31);
	unsigned bit = v4 >> 8 & 7;

	if ((entry & 1) != 0 && (bits[DIR24_OCTETS] >> bit & 1) != 0)
		return DIR24_MIXED;
	return (enum dir24_state)(*bits >> bit & 1);
}

static inline enum dir24_state
dir24_find(const struct dir24 *dir, uint32_t v4)
{
	return dir->mixed != NULL ? dir24_find_flat(dir, v4)
				  : dir24_find_indexed(dir, v4);
}

#endif
