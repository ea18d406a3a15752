/*
 * Evaluates leaves of expressions over a batch: a loop over the array of one
 * column gives a bitmap of the rows that match.
 *
 * Test: test/unit/match/test_leaf.c.
 */
#ifndef FLOWD_LEAF_H
#define FLOWD_LEAF_H

#include "expr.h"

enum {
	MATCH_ROWS = 4096, /* of the largest batch */
	MATCH_WORDS = MATCH_ROWS / 64
};

/* A batch, and the derived columns that have been computed for it. */
struct match_batch {
	const struct batch *batch;
	uint32_t done; /* a bit for each derived column that is computed */
	uint64_t *derived[NDERIVED]; /* MATCH_ROWS each, where used */
};

/* Allocate the derived columns in used, as bits. False when out of memory. */
bool match_batch_init(struct match_batch *match, uint32_t used);
void match_batch_fini(struct match_batch *match);
/* Switch to another batch. */
void match_batch_begin(struct match_batch *match, const struct batch *batch);
/* The values of a derived column. */
const uint64_t *match_batch_derived(struct match_batch *match, unsigned col);

/*
 * Does leaf_run() test nothing but ranges of an integer column, so that the
 * column may be packed (batch.h)?
 */
bool leaf_is_ranges(const struct expr *leaf);
/* The approximate cost of leaf_run(), in tests of one range. */
size_t leaf_passes(const struct expr *leaf);
/* Write to out, a bitmap of the rows, which rows match. */
void leaf_run(
    const struct expr *leaf, struct match_batch *match, uint64_t *out);
/* Does one row match an expression of any kind? */
bool expr_row(const struct expr *e, struct match_batch *match, size_t row);

#endif
