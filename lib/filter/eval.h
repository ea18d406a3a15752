/*
 * Evaluation of expressions over batches: a bitmap of the rows that match.
 * Test: test/unit/filter/test_eval.c compares it with the slow twin.
 */
#ifndef FLOWD_EVAL_H
#define FLOWD_EVAL_H

#include "batch.h"
#include "expr.h"

enum {
	EVAL_ROWS = 4096	/* of the largest batch */
};

/*
 * Set in out, which has bitmap_words(batch->nrows) words, the bits of the rows
 * that match e, and clear the others.
 */
void eval(const struct expr *e, const struct batch *batch, uint64_t *out);

#endif
