/*
 * Compares the head of a block with its rows, and the index of the log with
 * their addresses. Scans skip blocks by the ranges in their heads and by the
 * filters of the index, and aggregation uses the sums in heads, so wrong ones
 * give wrong results although all checksums match.
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
 * Read all rows of a block, whose columns are all open, and compare. filters is
 * NULL without an index; batch is scratch space for the rows. Returns 0, or
 * FLOWD_EFORMAT with why set to the first difference.
 */
int head_check(struct block_reader *r, const struct block *b,
    const struct head_filters *filters, struct batch *batch,
    struct flowd_error *why);

#endif
