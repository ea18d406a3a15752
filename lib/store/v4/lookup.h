/*
 * Columns that an address determines, such as AS, mask, interface and next hop:
 * they are the same for nearly all flows of the address in a block. Such a
 * column is stored as a table over the addresses of the block. The first flow
 * of an address sets the value of the table; rows with other values are misses.
 *
 * Test: test/unit/store/test_lookup.c.
 */
#ifndef FLOWD_LOOKUP_H
#define FLOWD_LOOKUP_H

#include "addr_dictionary.h"
#include "column_builder.h"
#include "columns.h"

enum {
	LOOKUP_TABLES = 5,
	LOOKUPS = 8,
	LOOKUP_MISSES = 64,	/* one row in this many may be a miss */
	LOOKUP_MISSES_MAX = COLUMN_ROWS / LOOKUP_MISSES
};

/* A column, the address that determines it, and the table both go to. */
struct lookup {
	uint8_t col;
	uint8_t key;
	uint8_t table;
	uint8_t number;		/* of this lookup */
};

/* NULL if no address determines the column. */
const struct lookup *lookup_find(unsigned col);

/*
 * The tables, by address number. While rows are added, the words of one address
 * are adjacent, because they are used together; after sorting each table is an
 * array. A value does not change until a reset.
 */
struct lookup_tables {
	uint32_t *word;
	uint32_t *room;		/* to sort them */
	size_t n, cap;		/* numbers */
	bool sorted;
	bool used[LOOKUP_TABLES]; /* some value is known */
};

struct lookup_misses {
	size_t n;
	uint32_t row[LOOKUP_MISSES_MAX]; /* among rows that have a value */
	uint32_t value[LOOKUP_MISSES_MAX];
};

void lookup_tables_fini(struct lookup_tables *f);
void lookup_tables_reset(struct lookup_tables *f);
/* Reserve room for n addresses. False when out of memory. */
bool lookup_tables_grow(struct lookup_tables *f, size_t n);

/*
 * Add values, from row on, for the addresses whose numbers are in key. False
 * when there would be too many misses: then none of them is added.
 */
bool lookup_add(struct lookup_tables *f, unsigned table,
    struct lookup_misses *misses, const uint32_t *key, struct values *v,
    size_t row);

/* The columns of one address; no next hop when hop.n is 0. */
struct lookup_rows {
	const uint32_t *key;
	struct values as, mask, interface, hop;
};

/*
 * The same for all columns of an address at once. True when lookup_add() would
 * succeed for each without misses, except for values of UINT32_MAX. Not after
 * sorting.
 */
bool lookup_agrees(struct lookup_tables *f, const struct lookup_rows *rows);

/* Write the values of the first c->n rows to the array of the column. */
void lookup_materialize(const struct lookup_tables *f, unsigned table,
    const struct lookup_misses *misses, const uint32_t *key,
    struct column_builder *c);

/*
 * The dictionary has been sorted: renumber addresses, also where they are
 * values.
 */
void lookup_tables_sort(
    struct lookup_tables *f, const struct addr_dictionary *pool);
/* The type of the values of a table: an enum column_type. */
unsigned lookup_type(unsigned table);
/* The known values, one after the other. Returns how many. */
size_t lookup_known(const struct lookup_tables *f, unsigned table,
    uint32_t *out);
/* All values of a table, 0 for unknown ones. */
void lookup_all(const struct lookup_tables *f, unsigned table, uint32_t *out);

#endif
