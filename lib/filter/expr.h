/*
 * Conditions on flows: what a filter rule tests.
 *
 * An expression is a tree in the arena of its ast. A leaf looks at one column;
 * what a flow lacks is tested as 0, and an address that it lacks belongs to
 * no family: a positive test of it fails, a negated one holds.
 *
 * Made by rule_parse.c, printed by rule_print.c, evaluated by eval.c; the
 * slow twin is test/oracle/interpret.c.
 */
#ifndef FLOWD_EXPR_H
#define FLOWD_EXPR_H

#include <stdbool.h>

#include "addr.h"
#include "columns.h"

enum expr_kind {
	EXPR_TRUE,
	EXPR_NOT,		/* not left */
	EXPR_AND,		/* left and right */
	EXPR_OR,		/* left or right */
	EXPR_RANGE,		/* range.lo <= col <= range.hi, unsigned */
	EXPR_MASKED,		/* (col & masked.mask) == masked.value */
	EXPR_PREFIX,		/* the address in col is in prefix */
	EXPR_FAMILY,		/* source or destination is of the family */
	EXPR_WEEKDAY,		/* bit of the local weekday of col, Sunday 0 */
	EXPR_DAYTIME,		/* local second of the day of col in range */
	EXPR_TIME		/* time.after < col < time.before, seconds */
};

struct expr {
	enum expr_kind kind;
	uint8_t col;			/* of a leaf: enum column_index */
	union {
		struct {
			struct expr *left, *right;
		};
		struct {
			uint64_t lo, hi;
		} range;
		struct {
			uint64_t mask, value;
		} masked;
		struct prefix prefix;
		uint8_t family;		/* enum addr_family */
		uint8_t days;
		struct {
			int64_t after, before;
		} time;
	};
};

#endif
