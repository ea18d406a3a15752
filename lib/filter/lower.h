/*
 * Lowering: compiles conditions as written to expressions (expr.h). Directions
 * become columns, names become numbers, lists become sets.
 *
 * Test: test/unit/filter/test_ruleset.c, test/program/reader/test_rules.py.
 */
#ifndef FLOWD_LOWER_H
#define FLOWD_LOWER_H

#include "arena.h"
#include "expr.h"
#include "term.h"

/* A set built from a list of addresses. */
struct lowered_set {
	struct lowered_set *next;
	struct prefix_set set;
};

struct lowering {
	struct arena *arena; /* of expressions */
	struct lowered_set *sets;
};

/* NULL when out of memory. */
struct expr *lower(struct lowering *to, const struct cond *cond);
/* Free what is not in the arena. */
void lowering_fini(struct lowering *to);

#endif
