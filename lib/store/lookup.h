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

/* A table while it is made. */
struct lookup_table {
	uint32_t *value;	/* for each address of the pool; NULL: none */
	bool begun;
	uint8_t type;		/* enum column_type */
	bool used;		/* some column is stored by it */
};

struct lookup_misses {
	uint32_t *row;		/* counted among rows that have a value */
	uint32_t *value;
	size_t n;
};

/*
 * Fill a table from all the columns that go to it; where they contradict, the
 * first of them is right, and its last rows. Nothing happens when that is done
 * already. False when the column follows from no address, its key has not the
 * same rows, hardly an address comes twice, or memory is short.
 */
bool lookup_begin(struct lookup_table *t, const struct lookup *l,
    const struct gather *g, struct scratch *scratch);

/*
 * Compare a column with its table. What the table has not right is in misses.
 * False when that is too many to pay, or memory is short.
 */
bool lookup_compare(struct lookup_table *t, const struct lookup *l,
    const struct gather *g, struct scratch *scratch,
    struct lookup_misses *misses);

#endif
