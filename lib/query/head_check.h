/*
 * Does the head of a block say what its rows are, and the index of the log
 * which addresses they have? Scans skip blocks by the ranges in their heads and
 * by the filters of the index, and aggregation takes sums from heads: one that
 * lies makes wrong answers of columns that match their checksums.
 *
 * Called by verify.c. Test: test/unit/query/test_head_check.c.
 */
#ifndef FLOWD_HEAD_CHECK_H
#define FLOWD_HEAD_CHECK_H

#include "addr_bloom.h"
#include "batch.h"
#include "block_reader.h"

/* The filters of the index that are for a block. */
struct head_filters {
	struct addr_bloom all, group;
};

/*
 * Read all rows of a block, whose columns are all open, and compare. batch is
 * scratch space for the rows. Returns 0, or FLOWD_EFORMAT with why set to the
 * first difference.
 */
int head_check(struct block_reader *r, const struct block *b,
    const struct head_filters *filters, struct batch *batch,
    struct flowd_error *why);

#endif
