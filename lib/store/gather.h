/*
 * Rows on their way into a block: the values of each column behind one
 * another, those of rows that have none left out, as wide as in a batch.
 * Addresses are numbers of the pool. Columns that follow from others are
 * compared with these and not kept, as long as they do.
 *
 * Used by block_write.c. Test: test/unit/store/test_block.c.
 */
#ifndef FLOWD_GATHER_H
#define FLOWD_GATHER_H

#include "addrpool.h"
#include "batch.h"
#include "buf.h"
#include "gathered.h"
#include "lookup.h"
#include "other_filter.h"

enum {
	GATHER_OCTETS = 16 * 1024 * 1024, /* of values of variable length */
	GATHER_RUN = 2048	/* rows that are added at a time */
};

struct gather {
	size_t nrows;
	size_t max;		/* rows, at most GATHER_ROWS */
	bool from_log;
	struct colset keep;	/* columns; the others are left out */
	struct other_filter elements; /* those of "other" that are kept */
	struct other_id *ids;	/* of them */
	struct colset used;
	struct gathered col[COL_COUNT];
	struct addrpool pool;
	struct lookup_facts facts;
	struct lookup_misses misses[LOOKUPS];
	struct colset agreed;	/* what is added now follows in these */
	struct buf octets;	/* the values of variable length */
	bool failed;		/* out of memory: nothing may be added */
	uint64_t picked[4][GATHER_RUN];	/* values of rows that are not all */
};

/* With all columns and elements. False when out of memory. */
bool gather_init(struct gather *g, size_t max, uint64_t seed);
/* Keep these only. The filter is copied; false when out of memory. */
bool gather_keep(struct gather *g, const struct colset *columns,
    const struct other_filter *elements);
void gather_fini(struct gather *g);
void gather_reset(struct gather *g);

/*
 * Add the selected rows of the batch from row on, as far as there is room.
 * Returns the row to go on with when the block is full, or batch->nrows. Rows
 * that were read from a log of versions 2 or 3 and others do not go into one
 * block; nor do more octets than there is room for.
 */
size_t gather_add(struct gather *g, const struct batch *batch, size_t row);

/* Have both columns values, and in the same rows? */
bool gather_same_rows(const struct gather *g, unsigned a, unsigned b);

/* The array of a column is filled in any case. False when out of memory. */
bool gather_spread(struct gather *g, unsigned col);

/*
 * Does a column follow from its address? That is tried, now that all is there.
 * False when hardly an address comes twice, too.
 */
bool gather_look_up(struct gather *g, const struct lookup *l);

/*
 * Sort the addresses; all that has their numbers gets the new ones. False when
 * out of memory.
 */
bool gather_sort_addresses(struct gather *g);

#endif
