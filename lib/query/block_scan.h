/*
 * The rows of a block that pass a filter: whether any can pass, and then
 * batches of them. The columns that decide are read first, and the others only
 * where rows pass. When a filter seeks a host, runs of rows without it are
 * skipped.
 *
 * Called by segment_source.c, one block after the other; by parallel.c, where
 * each thread has one; and by flowctl for the blocks that flowd sends. Test:
 * test/unit/query/test_block_scan.c, test_scan.c,
 * test/program/reader/test_reader_v4.py.
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
	uint32_t number; /* of the block among the blocks of flows */
	struct addr_bloom group; /* the filter of the block's group */
	uint32_t group_of; /* the number of this group + 1; 0: none */
	bool head_only; /* use the head only */
	bool takes_all;
	struct colset packed; /* columns of the block; see block_reader.h */
	bool asks_runs; /* test runs of rows, too */
	size_t row; /* the next row */
	size_t run_at, run_len; /* the run that is tested */
};

/* filter is borrowed. False when out of memory. */
bool block_scan_init(struct block_scan *r, const struct row_filter *filter);
void block_scan_fini(struct block_scan *r);

/* May rows of the block pass? Uses its head and the index only. */
bool block_scan_may_match(
    struct block_scan *r, const struct block *b, uint32_t number);

/*
 * Begin to read a block of flows. Returns 1; 0 when no row can pass; or a
 * negative FLOWD_E* and why when it is damaged.
 */
int block_scan_begin(struct block_scan *r, const struct block *b,
    uint32_t number, struct flowd_error *why);

/* Skip n rows, which the block has. */
void block_scan_skip(struct block_scan *r, size_t n);

/*
 * Fill an empty batch with the next rows of the block, of which at most left
 * may pass. n is set to the number of rows read, also of skipped ones; 0 at the
 * end. Returns 1 if some pass, which then have all wanted columns; 0 if none
 * does; or a negative FLOWD_E* as above.
 */
int block_scan_next(struct block_scan *r, uint64_t left, struct batch *batch,
    size_t *n, struct flowd_error *why);

#endif
