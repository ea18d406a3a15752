/*
 * Does the head of a block say what its rows are? Scans skip blocks by the
 * ranges in their heads, and aggregation takes sums from there: a head that
 * lies makes wrong answers of columns that match their checksums.
 *
 * Called by verify.c. Test: test/unit/query/test_head_check.c.
 */
#ifndef FLOWD_HEAD_CHECK_H
#define FLOWD_HEAD_CHECK_H

#include "batch.h"
#include "block_reader.h"

/*
 * Read all rows of a block, of which all columns are open, and compare. batch
 * is room for them. Returns 0, or FLOWD_EFORMAT with why set to what is not as
 * the head says.
 */
int head_check(struct block_reader *r, const struct block *b,
    struct batch *batch, struct flowd_error *why);

#endif
