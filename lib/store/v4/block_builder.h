/*
 * The rows of the next block: for each column the values of the rows that have
 * one, as wide as in a batch. Addresses are numbers in a dictionary. A column
 * that another one determines (lookup.h, predictor.h) is compared with it and
 * not stored, as long as it agrees.
 *
 * Test: test/unit/store/test_block.c.
 */
#ifndef FLOWD_BLOCK_BUILDER_H
#define FLOWD_BLOCK_BUILDER_H

#include "addr_dictionary.h"
#include "batch.h"
#include "buf.h"
#include "column_builder.h"
#include "lookup.h"
#include "other_filter.h"

enum {
	BUILDER_OCTETS = 16 * 1024 * 1024, /* of values of variable length */
	BUILDER_RUN = 2048	/* rows that are added at a time */
};

struct block_builder {
	size_t nrows;
	size_t max;		/* rows, at most COLUMN_ROWS */
	bool from_log;
	struct colset keep;	/* columns; the others are left out */
	struct other_filter elements; /* elements of "other" that are kept */
	struct other_id *ids;	/* of elements */
	struct colset used;
	struct column_builder col[COL_COUNT];
	struct addr_dictionary pool;
	struct lookup_tables facts;
	struct lookup_misses misses[LOOKUPS];
	/* columns whose new values agree with their lookup */
	struct colset agreed;
	struct buf octets;	/* the values of variable length */
	bool failed;		/* out of memory: nothing more may be added */
	uint64_t picked[4][BUILDER_RUN]; /* values of selected rows */
};

/* Keeps all columns and elements. False when out of memory. */
bool block_builder_init(struct block_builder *g, size_t max, uint64_t seed);
/*
 * Keep only these columns and elements. The filter is copied; false when out of
 * memory.
 */
bool block_builder_keep(struct block_builder *g, const struct colset *columns,
    const struct other_filter *elements);
void block_builder_fini(struct block_builder *g);
void block_builder_reset(struct block_builder *g);

/*
 * Add the selected rows of the batch from row on, as far as there is room.
 * Returns the row to continue with when the block is full, or batch->nrows. A
 * block does not mix rows of version 2 or 3 logs with others.
 */
size_t block_builder_add(
    struct block_builder *g, const struct batch *batch, size_t row);

/* Do both columns have values in the same rows? */
bool block_builder_same_rows(
    const struct block_builder *g, unsigned a, unsigned b);

/* Write out the array of a column. False when out of memory. */
bool block_builder_materialize(struct block_builder *g, unsigned col);

/*
 * Can the column be looked up by its address? Tests all rows. False also when
 * hardly any address occurs twice.
 */
bool block_builder_look_up(struct block_builder *g, const struct lookup *l);

/*
 * Sort the addresses, and renumber all columns and tables. False when out of
 * memory.
 */
bool block_builder_sort_addresses(struct block_builder *g);

#endif
