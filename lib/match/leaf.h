/*
 * Leaves of expressions over a batch: a loop over the array of one column
 * gives a bitmap of the rows that match; or one row alone.
 *
 * Called by program.c and classifier.c. Test: test/unit/match/test_leaf.c.
 */
#ifndef FLOWD_LEAF_H
#define FLOWD_LEAF_H

#include "expr.h"

enum {
	FRAME_ROWS = 4096, /* of the largest batch */
	FRAME_WORDS = FRAME_ROWS / 64
};

/* A batch and what is derived from it, when it is asked for. */
struct frame {
	const struct batch *batch;
	uint32_t done; /* bits of derived columns that are worked out */
	uint64_t *derived[NDERIVED]; /* FRAME_ROWS each, where used */
};

/* Room for derived columns, as bits. False when out of memory. */
bool frame_init(struct frame *frame, uint32_t used);
void frame_fini(struct frame *frame);
/* Look at another batch. */
void frame_begin(struct frame *frame, const struct batch *batch);
/* The values of a derived column. */
const uint64_t *frame_derived(struct frame *frame, unsigned col);

/* About what leaf_run() takes: as many tests of one range. */
size_t leaf_passes(const struct expr *leaf);
/* Set in out, which has a word for 64 rows, the bits of rows that match. */
void leaf_run(const struct expr *leaf, struct frame *frame, uint64_t *out);
/* Does one row match? The expression may be of any kind. */
bool expr_row(const struct expr *e, struct frame *frame, size_t row);

#endif
