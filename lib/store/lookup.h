/*
 * Columns that follow from an address: where its network is reached, and by
 * which interface, is the same for all flows of a block, but for few. Such a
 * column is stored as a table over the addresses of the block. The first flow
 * of an address says what the table has; those that it is not right for are
 * misses.
 *
 * Used by gather.c and block_write.c. Test: test/unit/store/test_lookup.c.
 */
#ifndef FLOWD_LOOKUP_H
#define FLOWD_LOOKUP_H

#include "addrpool.h"
#include "columns.h"
#include "gathered.h"

enum {
	LOOKUP_TABLES = 5,
	LOOKUPS = 8,
	LOOKUP_MISSES = 64,	/* one in so many rows may not fit */
	LOOKUP_MISSES_MAX = GATHER_ROWS / LOOKUP_MISSES
};

/* A column, the address that it follows from, and the table both go to. */
struct lookup {
	uint8_t col;
	uint8_t key;
	uint8_t table;
	uint8_t number;		/* of this lookup */
};

/* NULL when the column follows from no address. */
const struct lookup *lookup_find(unsigned col);

/* A table; what it has for an address does not change until a reset. */
struct lookup_table {
	uint32_t *value;	/* for each number of the pool */
	uint32_t *sorted;	/* room to sort it */
	size_t n, cap;
	uint8_t type;		/* enum column_type */
	bool used;		/* some column is stored by it */
};

struct lookup_misses {
	size_t n;
	uint32_t row[LOOKUP_MISSES_MAX]; /* among rows that have a value */
	uint32_t value[LOOKUP_MISSES_MAX];
};

void lookup_table_fini(struct lookup_table *t);
void lookup_table_reset(struct lookup_table *t);
/* Let it have room for n addresses. False when out of memory. */
bool lookup_table_grow(struct lookup_table *t, size_t n);

/*
 * Note values, the first of which is that of row, for the addresses whose
 * numbers are in key. False when too many do not fit: then nothing of them
 * follows, and misses has none of them.
 */
bool lookup_add(struct lookup_table *t, struct lookup_misses *misses,
    const uint32_t *key, struct values *v, size_t row);

/*
 * Three columns of one address at once: do the tables have right, or learn,
 * all values of as, mask and interface? True says what lookup_add() would
 * without misses for each of them, but where a value is UINT32_MAX.
 */
bool lookup_agrees(struct lookup_table *table, const uint32_t *key,
    const struct values *as, const struct values *mask,
    const struct values *interface);

/* The values of the first c->n rows, written to the array of the column. */
void lookup_spread(const struct lookup_table *t,
    const struct lookup_misses *misses, const uint32_t *key,
    struct gathered *c);

/* The pool was sorted: addresses, and values that are some, are renumbered. */
void lookup_table_sort(struct lookup_table *t, const struct addrpool *pool,
    bool of_addresses);
/* The values that are known, one behind the other. Returns how many. */
size_t lookup_table_known(const struct lookup_table *t, uint32_t *out);
/* No more is added: what is not known becomes 0. */
void lookup_table_end(struct lookup_table *t);

#endif
