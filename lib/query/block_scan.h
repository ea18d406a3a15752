/*
 * The rows of a block that pass a filter: whether there can be any, and then
 * batches of them, of which only the columns that decide are read first. When
 * a host is sought, runs of rows without it are passed over.
 *
 * Called by segment_source.c, one block after the other; by parallel.c, where
 * each thread has one; and by flowctl for the blocks that flowd sends.
 * Test: test/unit/query/test_scan.c, test/program/test_reader_v4.py.
 */
#ifndef FLOWD_BLOCK_SCAN_H
#define FLOWD_BLOCK_SCAN_H

#include "row_filter.h"
#include "segment_index.h"

struct block_scan {
	const struct row_filter *filter;
	const struct segment_index *index; /* of the segment; NULL: none */
	struct block_reader *reader;
	const struct block *block;
	uint32_t number; /* of the block, among those of flows */
	struct addr_bloom group; /* the filter of the block's group */
	uint32_t group_of; /* and which it is, and one more; 0: none */
	bool head_only; /* do not look into the block */
	bool takes_all;
	bool asks_runs; /* whether rows of a run can pass */
	size_t row; /* the next */
	size_t run_at, run_len; /* the run that is asked about */
};

/* filter is borrowed. False when out of memory. */
bool block_scan_init(struct block_scan *r, const struct row_filter *filter);
void block_scan_fini(struct block_scan *r);

/* By the head of a block and the index alone: may rows of it pass? */
bool block_scan_may_match(
    struct block_scan *r, const struct block *b, uint32_t number);

/*
 * Begin with a block of flows. Returns 1; 0 when no row can pass; or a
 * negative FLOWD_E* when it is damaged, with why.
 */
int block_scan_begin(struct block_scan *r, const struct block *b,
    uint32_t number, struct flowd_error *why);

/* Pass over so many rows, which the block has. */
void block_scan_skip(struct block_scan *r, size_t n);

/*
 * The next rows of the block, at most left of which may pass, in an empty
 * batch. n is set to how many were read, 0 at the end. Returns whether some
 * of them pass, which then have the columns that are wanted; or a negative
 * FLOWD_E* as above. Rows that are passed over count as read.
 */
int block_scan_next(struct block_scan *r, uint64_t left, struct batch *batch,
    size_t *n, struct flowd_error *why);

#endif
