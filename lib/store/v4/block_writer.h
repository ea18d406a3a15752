/*
 * Writing blocks of a version 4 log: rows of batches are gathered column by
 * column, and then all are encoded. See flowd-log(5).
 *
 * A writer takes some 9 MB with flows of version 5, and 12 MB with IPv6, which
 * it keeps from block to block: the columns that are not constant and follow
 * from no other, a pool of addresses, and what one column takes to encode. It
 * is bounded by BLOCK_ROWS values of every column and BUILDER_OCTETS of those
 * of variable length. The block itself is made in the caller's buffer.
 *  *
 * Tests: test/unit/store/test_block.c; fuzz: fuzz/fuzz_v4.c.
 */
#ifndef FLOWD_BLOCK_WRITER_H
#define FLOWD_BLOCK_WRITER_H

#include "batch.h"
#include "block_head.h"
#include "buf.h"
#include "other_filter.h"
#include "compression.h"


struct block_writer;

struct block_options {
	enum compression compression;
	int level;	/* of zstd; 0: what suits a hot path */
	size_t rows;	/* of a block; 0: BLOCK_ROWS */
	uint64_t seed;	/* secret, unknown to senders */
	/* Columns and elements to keep; both are copied, NULL: all. */
	const struct colset *columns;
	const struct other_filter *elements; /* of the column "other" */
};

/* NULL when out of memory. */
struct block_writer *block_writer_new(const struct block_options *options);
void block_writer_free(struct block_writer *w);

/*
 * Collect the selected rows of the batch from row on. Returns the row to
 * continue with after block_writer_finish() when the block is full;
 * batch->nrows when all rows are in.
 */
size_t block_writer_add(struct block_writer *w, const struct batch *batch,
    size_t row);
/* The number of collected rows. */
size_t block_writer_rows(const struct block_writer *w);
/*
 * Append the block to out, and clear the rows; without rows nothing is
 * appended. Returns the number of rows, or FLOWD_ENOMEM: then out is unchanged
 * and the rows are lost.
 */
int block_writer_finish(struct block_writer *w, struct buf *out);

#endif
