/*
 * Leaves of expressions over a batch: a loop over the array of one column
 * gives a bitmap of the rows that match; or one row alone.
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

/* A batch and what is derived from it, when it is asked for. */
struct match_batch {
	const struct batch *batch;
	uint32_t done; /* bits of derived columns that are worked out */
	uint64_t *derived[NDERIVED]; /* MATCH_ROWS each, where used */
};

/* Room for derived columns, as bits. False when out of memory. */
bool match_batch_init(struct match_batch *match, uint32_t used);
void match_batch_fini(struct match_batch *match);
/* Look at another batch. */
void match_batch_begin(struct match_batch *match, const struct batch *batch);
/* The values of a derived column. */
const uint64_t *match_batch_derived(struct match_batch *match, unsigned col);

/* About what leaf_run() takes: as many tests of one range. */
size_t leaf_passes(const struct expr *leaf);
/* Set in out, which has a word for 64 rows, the bits of rows that match. */
void leaf_run(
    const struct expr *leaf, struct match_batch *match, uint64_t *out);
/* Does one row match? The expression may be of any kind. */
bool expr_row(const struct expr *e, struct match_batch *match, size_t row);

#endif
