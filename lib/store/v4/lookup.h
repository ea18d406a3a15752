/*
 * Columns that follow from an address: where its network is reached, and by
 * which interface, is the same for all flows of a block, but for few. Such a
 * column is stored as a table over the addresses of the block. The first flow
 * of an address says what the table has; those that it is not right for are
 * misses.
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
	LOOKUP_MISSES = 64,	/* one in so many rows may not fit */
	LOOKUP_MISSES_MAX = COLUMN_ROWS / LOOKUP_MISSES
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

/*
 * What the tables have, by the numbers of addresses. While rows come the words
 * of one address lie side by side, as they are asked for together and memory is
 * what that waits for; when they are sorted, each table becomes an array. What
 * there is for an address does not change until a reset.
 */
struct lookup_tables {
	uint32_t *word;
	uint32_t *room;		/* to sort them */
	size_t n, cap;		/* numbers */
	bool sorted;
	bool used[LOOKUP_TABLES]; /* something is known */
};

struct lookup_misses {
	size_t n;
	uint32_t row[LOOKUP_MISSES_MAX]; /* among rows that have a value */
	uint32_t value[LOOKUP_MISSES_MAX];
};

void lookup_tables_fini(struct lookup_tables *f);
void lookup_tables_reset(struct lookup_tables *f);
/* Let them have room for n addresses. False when out of memory. */
bool lookup_tables_grow(struct lookup_tables *f, size_t n);

/*
 * Note values, the first of which is that of row, for the addresses whose
 * numbers are in key. False when too many do not fit: then nothing of them
 * follows, and misses has none of them.
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
 * All of them at once: do the tables have right, or learn, all values? True
 * says what lookup_add() would without misses for each of them, but where a
 * value is UINT32_MAX. Not after sorting.
 */
bool lookup_agrees(struct lookup_tables *f, const struct lookup_rows *rows);

/* The values of the first c->n rows, written to the array of the column. */
void lookup_materialize(const struct lookup_tables *f, unsigned table,
    const struct lookup_misses *misses, const uint32_t *key,
    struct column_builder *c);

/* The pool was sorted: addresses, and values that are some, are renumbered. */
void lookup_tables_sort(
    struct lookup_tables *f, const struct addr_dictionary *pool);
/* Of what type are the values of a table? An enum column_type. */
unsigned lookup_type(unsigned table);
/* The values that are known, one behind the other. Returns how many. */
size_t lookup_known(const struct lookup_tables *f, unsigned table,
    uint32_t *out);
/* All values of a table, 0 for those that are not known. */
void lookup_all(const struct lookup_tables *f, unsigned table, uint32_t *out);

#endif
