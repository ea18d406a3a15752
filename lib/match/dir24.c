/* Pages of IPv4 addresses; see pages.h. */
#include <stdlib.h>
#include <string.h>

#include "pages.h"

enum {
	BLOCKS = 65536, /* /16s */
	BLOCK_PAGES = 256,
	SHARED = 2 /* the first two: all out, all in */
};

/*
 * The state of the page from first on; *i boundaries lie before it, then before
 * its end.
 */
static enum page
page_state(const struct boundaries4 *steps, uint32_t first, size_t *i)
{
	bool in = *i & 1, changes = false;

	for (; *i < steps->n && steps->at[*i] - first < 256; ++*i) {
		if (steps->at[*i] == first)
			in = !in;
		else
			changes = true;
	}
	return changes ? PAGE_MIXED : in ? PAGE_IN : PAGE_OUT;
}

static void
set_bit(uint8_t *bits, unsigned page)
{
	bits[page / 8] |= (uint8_t)(1U << page % 8);
}

/*
 * Writes the pages of a /16 to bits; *i as above. Returns whether some are
 * mixed.
 */
static bool
fill_block(uint8_t *bits, const struct boundaries4 *steps, uint32_t block,
    size_t *i)
{
	bool mixed = false;

	memset(bits, 0, 2 * PAGES_OCTETS);
	for (unsigned page = 0; page < BLOCK_PAGES; page++) {
		switch (page_state(steps, block << 16 | page << 8, i)) {
		case PAGE_OUT:
			break;
		case PAGE_IN:
			set_bit(bits, page);
			break;
		case PAGE_MIXED:
			set_bit(bits + PAGES_OCTETS, page);
			mixed = true;
			break;
		}
	}
	return mixed;
}

/* Has the /16 no boundary but at its start? */
static bool
is_whole(const struct boundaries4 *steps, uint32_t block, size_t i)
{
	i += i < steps->n && steps->at[i] == block << 16;
	return i == steps->n || steps->at[i] >> 16 != block;
}

static size_t
count_parted(const struct boundaries4 *steps)
{
	size_t n = 0;
	uint32_t last = UINT32_MAX;

	for (size_t i = 0; i < steps->n; i++) {
		uint32_t block = steps->at[i] >> 16;

		if ((steps->at[i] & 0xffff) == 0 || block == last)
			continue;
		last = block;
		n++;
	}
	return n;
}

/* Gives each /16 shared bits, or bits of its own. */
static void
fill_indexed(struct pages *pages, const struct boundaries4 *steps)
{
	uint32_t next = SHARED;
	size_t i = 0;

	memset(pages->bits + PAGES_OCTETS, 0xff, PAGES_OCTETS);
	for (uint32_t block = 0; block < BLOCKS; block++) {
		bool mixed;

		if (is_whole(steps, block, i)) {
			i += i < steps->n && steps->at[i] == block << 16;
			pages->index[block] = (uint32_t)(i & 1) << 1;
			continue;
		}
		mixed = fill_block(pages->bits + (size_t)next * PAGES_OCTETS,
		    steps, block, &i);
		pages->index[block] = next << 1 | mixed;
		next += mixed ? 2 : 1;
	}
}

/* Writes all bits in order, and then those of the mixed pages. */
static void
fill_flat(struct pages *pages, const struct boundaries4 *steps)
{
	uint32_t next = BLOCKS;
	uint8_t both[2 * PAGES_OCTETS];
	size_t i = 0;

	for (uint32_t block = 0; block < BLOCKS; block++) {
		bool mixed = fill_block(both, steps, block, &i);

		memcpy(pages->bits + (size_t)block * PAGES_OCTETS, both,
		    PAGES_OCTETS);
		if (!mixed)
			continue;
		bitmap_set(pages->mixed, block);
		pages->index[block] = next;
		memcpy(pages->bits + (size_t)next++ * PAGES_OCTETS,
		    both + PAGES_OCTETS, PAGES_OCTETS);
	}
}

bool
pages_init(struct pages *pages, const struct boundaries4 *steps)
{
	size_t parted = count_parted(steps);
	bool flat = parted > BLOCKS / 2;
	/* One more: a block is filled as if some of it were mixed. */
	size_t most = flat ? BLOCKS + parted : SHARED + 2 * parted + 1;

	*pages = (struct pages){ .index = NULL };
	pages->index = malloc(BLOCKS * sizeof(*pages->index));
	pages->bits = calloc(most, PAGES_OCTETS);
	if (flat)
		pages->mixed = calloc(
		    bitmap_words(BLOCKS), sizeof(*pages->mixed));
	if (pages->index == NULL || pages->bits == NULL ||
	    (flat && pages->mixed == NULL)) {
		pages_fini(pages);
		return false;
	}
	if (flat)
		fill_flat(pages, steps);
	else
		fill_indexed(pages, steps);
	return true;
}

void
pages_fini(struct pages *pages)
{
	free(pages->index);
	free(pages->bits);
	free(pages->mixed);
	*pages = (struct pages){ .index = NULL };
}
