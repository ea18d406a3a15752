/* A direct index by the first 24 bits of an address; see dir24.h. */
#include <stdlib.h>
#include <string.h>

#include "dir24.h"

enum {
	BLOCKS = 65536, /* /16s */
	BLOCK_NETS = 256, /* /24s */
	SHARED = 2 /* the first two: all out, all in */
};

/*
 * The state of the /24 that starts at first. *i is the number of boundaries
 * before it; afterwards, of those before its end.
 */
static enum dir24_state
net_state(const struct boundaries4 *set, uint32_t first, size_t *i)
{
	bool in = *i & 1, changes = false;

	for (; *i < set->n && set->at[*i] - first < 256; ++*i) {
		if (set->at[*i] == first)
			in = !in;
		else
			changes = true;
	}
	return changes ? DIR24_MIXED : in ? DIR24_IN : DIR24_OUT;
}

static void
net_mark(uint8_t *bits, unsigned net)
{
	bits[net / 8] |= (uint8_t)(1U << net % 8);
}

/*
 * Writes the states of the /24s of a /16 to bits; *i as above. Returns whether
 * some are mixed.
 */
static bool
block_fill(uint8_t *bits, const struct boundaries4 *set, uint32_t block,
    size_t *i)
{
	bool mixed = false;

	memset(bits, 0, 2 * DIR24_OCTETS);
	for (unsigned net = 0; net < BLOCK_NETS; net++) {
		switch (net_state(set, block << 16 | net << 8, i)) {
		case DIR24_OUT:
			break;
		case DIR24_IN:
			net_mark(bits, net);
			break;
		case DIR24_MIXED:
			net_mark(bits + DIR24_OCTETS, net);
			mixed = true;
			break;
		}
	}
	return mixed;
}

/* Is the /16 all in or all out: no boundary but at its start? */
static bool
block_is_uniform(const struct boundaries4 *set, uint32_t block, size_t i)
{
	i += i < set->n && set->at[i] == block << 16;
	return i == set->n || set->at[i] >> 16 != block;
}

/* The number of /16s with boundaries within them. */
static size_t
blocks_split(const struct boundaries4 *set)
{
	size_t n = 0;
	uint32_t last = UINT32_MAX;

	for (size_t i = 0; i < set->n; i++) {
		uint32_t block = set->at[i] >> 16;

		if ((set->at[i] & 0xffff) == 0 || block == last)
			continue;
		last = block;
		n++;
	}
	return n;
}

/* Gives each /16 shared bits, or bits of its own. */
static void
fill_indexed(struct dir24 *dir, const struct boundaries4 *set)
{
	uint32_t next = SHARED;
	size_t i = 0;

	memset(dir->bits + DIR24_OCTETS, 0xff, DIR24_OCTETS);
	for (uint32_t block = 0; block < BLOCKS; block++) {
		bool mixed;

		if (block_is_uniform(set, block, i)) {
			i += i < set->n && set->at[i] == block << 16;
			dir->index[block] = (uint32_t)(i & 1) << 1;
			continue;
		}
		mixed = block_fill(dir->bits + (size_t)next * DIR24_OCTETS,
		    set, block, &i);
		dir->index[block] = next << 1 | mixed;
		next += mixed ? 2 : 1;
	}
}

/* Writes the bits of all /16s in order, then those that mark mixed /24s. */
static void
fill_flat(struct dir24 *dir, const struct boundaries4 *set)
{
	uint32_t next = BLOCKS;
	uint8_t both[2 * DIR24_OCTETS];
	size_t i = 0;

	for (uint32_t block = 0; block < BLOCKS; block++) {
		bool mixed = block_fill(both, set, block, &i);

		memcpy(dir->bits + (size_t)block * DIR24_OCTETS, both,
		    DIR24_OCTETS);
		if (!mixed)
			continue;
		bitmap_set(dir->mixed, block);
		dir->index[block] = next;
		memcpy(dir->bits + (size_t)next++ * DIR24_OCTETS,
		    both + DIR24_OCTETS, DIR24_OCTETS);
	}
}

bool
dir24_init(struct dir24 *dir, const struct boundaries4 *set)
{
	size_t split = blocks_split(set);
	bool flat = split > BLOCKS / 2;
	/* One more, as block_fill() writes both kinds of bits. */
	size_t most = flat ? BLOCKS + split : SHARED + 2 * split + 1;

	*dir = (struct dir24){ .index = NULL };
	dir->index = malloc(BLOCKS * sizeof(*dir->index));
	dir->bits = calloc(most, DIR24_OCTETS);
	if (flat)
		dir->mixed = calloc(bitmap_words(BLOCKS), sizeof(*dir->mixed));
	if (dir->index == NULL || dir->bits == NULL ||
	    (flat && dir->mixed == NULL)) {
		dir24_fini(dir);
		return false;
	}
	if (flat)
		fill_flat(dir, set);
	else
		fill_indexed(dir, set);
	return true;
}

void
dir24_fini(struct dir24 *dir)
{
	free(dir->index);
	free(dir->bits);
	free(dir->mixed);
	*dir = (struct dir24){ .index = NULL };
}
