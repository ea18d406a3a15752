/*
 * Expressions: conditions in the form in which they are evaluated. A leaf tests
 * one column.
 *
 * A missing value tests as 0; a missing address is in no family, prefix or set.
 * Times are compared as unsigned numbers, too: see EXPR_TIME_BIAS.
 *
 * Made by lower.c, compiled by program.c and classifier.c, tested by leaf.c.
 */
#ifndef FLOWD_EXPR_H
#define FLOWD_EXPR_H

#include "buf.h"
#include "derived.h"
#include "prefix_set.h"

enum expr_kind {
	EXPR_TRUE,
	EXPR_NOT, /* not left */
	EXPR_AND, /* left and right */
	EXPR_OR, /* left or right */
	EXPR_RANGE, /* lo <= col <= hi */
	EXPR_NUMBERS, /* col is in one of many ranges */
	EXPR_MASKED, /* lo <= (col & mask) <= hi; columns of 8 and 16 bits */
	EXPR_PREFIX, /* the address in col is in prefix */
	EXPR_SET, /* it is in set */
	EXPR_FAMILY, /* it is of the family */
	EXPR_HAS /* col has a value */
};

enum { EXPR_PLACES_FEW = 16 };

/* What is xor-ed to nanoseconds, so that unsigned order is that of times. */
#define EXPR_TIME_BIAS (UINT64_C(1) << 63)

struct expr {
	enum expr_kind kind;
	uint8_t col; /* enum column_index or enum derived_column */
	uint32_t number; /* of a leaf among those of its axis: classifier.c */
	union {
		struct {
			struct expr *left, *right;
		};
		struct {
			uint64_t lo, hi; /* values that the column may have */
			uint64_t mask;
		};
		struct {
			/* Sorted: numbers are in from the first, out from the
			 * second on, and so on; the last is missing where
			 * UINT64_MAX is in. */
			const uint64_t *places;
			size_t nplaces;
		};
		struct prefix prefix;
		const struct prefix_set *set;
		uint8_t family; /* enum addr_family */
	};
};

static inline bool
expr_is_leaf(const struct expr *e)
{
	return e->kind >= EXPR_RANGE;
}

/* Call fn for every leaf and EXPR_TRUE of an expression. */
void expr_each(const struct expr *e,
    void (*fn)(const struct expr *test, void *arg), void *arg);

/* Is a number in the ranges? For many of them: a binary search. */
bool expr_numbers_search(const struct expr *e, uint64_t v);

/* The same; a few boundaries are tested without a branch. */
static inline bool
expr_numbers_have(const struct expr *e, uint64_t v)
{
	size_t n = 0;

	if (e->nplaces > EXPR_PLACES_FEW)
		return expr_numbers_search(e, v);
	for (size_t i = 0; i < e->nplaces; i++)
		n += e->places[i] <= v;
	return n & 1;
}

/* Are two leaves the same test of the same column? */
bool expr_leaf_equal(const struct expr *a, const struct expr *b);
/* Print a leaf: "dst_port in 80-443". */
void expr_print_leaf(const struct expr *e, struct buf *out);

#endif
