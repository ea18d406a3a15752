/*
 * The rows of a block that pass a query: whether there can be any, and then
 * batches of them, of which only the columns that decide are read first. When
 * a host is sought, runs of rows without it are passed over.
 *
 * Called by blocks.c, one block after the other, and by scan.c, where each
 * thread has one. Test: test/program/test_reader_v4.py.
 */
#ifndef FLOWD_READER_ROWS_H
#define FLOWD_READER_ROWS_H

#include "index.h"
#include "query.h"

struct rows {
	const struct query *query;
	const struct index *index; /* of the segment; NULL: none */
	struct block_reader *reader;
	const struct block *block;
	uint32_t number; /* of the block, among those of flows */
	struct addrset group; /* the filter of the block's group */
	uint32_t group_of; /* and which it is, and one more; 0: none */
	bool glance; /* do not look into the block */
	bool takes_all;
	bool asks_runs; /* whether rows of a run can pass */
	size_t row; /* the next */
	size_t run_at, run_len; /* the run that is asked about */
};

/* query is borrowed. False when out of memory. */
bool rows_init(struct rows *r, const struct query *query);
void rows_fini(struct rows *r);

/* By the head of a block and the index alone: may rows of it pass? */
bool rows_may_match(struct rows *r, const struct block *b, uint32_t number);

/*
 * Begin with a block of flows. Returns 1; 0 when no row can pass; or a
 * negative FLOWD_E* when it is damaged, with why.
 */
int rows_begin(struct rows *r, const struct block *b, uint32_t number,
    struct flowd_error *why);

/*
 * The next rows of the block, at most left of which may pass, in an empty
 * batch. n is set to how many were read, 0 at the end. Returns whether some
 * of them pass, which then have the columns that are wanted; or a negative
 * FLOWD_E* as above. Rows that are passed over count as read.
 */
int rows_next(struct rows *r, uint64_t left, struct batch *batch, size_t *n,
    struct flowd_error *why);

#endif
