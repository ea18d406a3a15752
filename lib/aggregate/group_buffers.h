/*
 * Groups that are given to their partitions without being looked for before,
 * as keys hardly repeat: of each part of a flow there is a row, in a buffer of
 * the partition.
 *
 * Used by local_groups.c. Test: test/unit/aggregate/test_group_buffers.c.
 */
#ifndef FLOWD_GROUP_BUFFERS_H
#define FLOWD_GROUP_BUFFERS_H

#include "key_values.h"
#include "partition.h"

enum {
	BUFFER_ROWS = 2048 /* of a partition */
};

struct group_buffers {
	struct partitions *partitions;
	size_t words; /* of a row: of a plain key and of states */
	uint64_t *rows; /* BUFFER_ROWS of each partition; NULL until needed */
	size_t n[PARTITIONS]; /* rows that are filled */
	uint8_t partition[PARTS]; /* of each part at hand */
};

/* partitions is borrowed. */
void group_buffers_init(
    struct group_buffers *b, struct partitions *partitions);
void group_buffers_fini(struct group_buffers *b);

/*
 * Make a row of each part, whose keys are plain and packed; its states are
 * those of no flow. Writes the numbers of the rows to row. Full buffers are
 * given away first. Returns 1; 0 and no row when too many parts are of one
 * partition, as they are when keys repeat; or a negative FLOWD_E*, with err.
 */
int group_buffers_take(struct group_buffers *b, const struct key_values *keys,
    uint32_t *row, struct flowd_error *err);

/* The states of row 0; those of the next one are b->words on. */
static inline uint64_t *
group_buffers_states(const struct group_buffers *b)
{
	return b->rows + b->partitions->layout->keys.plain_words;
}

/* Give all rows away. 0 or a negative FLOWD_E*, with err. */
int group_buffers_flush(struct group_buffers *b, struct flowd_error *err);

#endif
