/*
 * Columns that follow from an address: where its network is reached, and by
 * which interface, is the same for all flows of a block, but for few. Such a
 * column is stored as a table over the addresses of the block.
 *
 * Used by block_write.c. Test: test/unit/store/test_block.c.
 */
#ifndef FLOWD_LOOKUP_H
#define FLOWD_LOOKUP_H

#include "gather.h"
#include "scratch.h"

enum {
	LOOKUP_TABLES = 5
};

/* A column, the address that it follows from, and the table both go to. */
struct lookup {
	uint8_t col;
	uint8_t key;
	uint8_t table;
};

/* NULL when the column follows from no address. */
const struct lookup *lookup_find(unsigned col);

/* A table while it is made: 0, or the integer and 1 more. */
struct lookup_table {
	uint64_t *slot;		/* for each address of the pool */
	uint8_t type;		/* enum column_type */
	bool used;		/* some column is stored by it */
};

struct lookup_misses {
	uint32_t *row;		/* counted among rows that have a value */
	uint32_t *value;
	size_t n;
};

/*
 * Put n integers, each by its key, into the table, which is made if need be.
 * What does not fit with the table is in misses. False when that is too many
 * to pay or memory is short: then the table may be larger than needed.
 */
bool lookup_put(struct lookup_table *t, size_t naddrs, const uint32_t *key,
    const uint32_t *value, size_t n, struct scratch *scratch,
    struct lookup_misses *misses);

/* The integers of the table; gaps are like what stands before them. */
uint32_t *lookup_values(const struct lookup_table *t, size_t naddrs,
    struct scratch *scratch);

#endif
