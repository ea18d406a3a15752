/*
 * Buffers of partitions: rows of groups on their way there, so that a partition
 * gets many at once. They are few enough to stay in the cache of the thread.
 *
 * Used by local_groups.c and code_groups.c. Test: test/unit/aggregate/
 * test_group_buffers.c.
 */
#ifndef FLOWD_GROUP_BUFFERS_H
#define FLOWD_GROUP_BUFFERS_H

#include "key_values.h"
#include "partition.h"

enum {
	BLOCK_WORDS = 512, /* at most */
	BLOCK_ROWS_MIN = 4
};

/* A block that is full, or the one that is being filled. */
struct row_block {
	unsigned partition;
	uint32_t row; /* the first */
};

/*
 * Those of a thread, for groups whose keys are plain, or general: blocks of
 * rows, one of each partition that is being filled, and those that are full. As
 * full blocks are given away before others are added, there are always enough.
 */
struct group_buffers {
	struct partitions *partitions;
	bool general;
	unsigned key_words, words; /* of a row: of its key, all */
	uint32_t cap; /* rows of a block, a power of two */
	uint64_t *rows; /* of all blocks; NULL until needed */
	uint32_t next[PARTITIONS]; /* the row that is filled next */
	struct row_block *full; /* nfull */
	uint32_t *free; /* first rows of blocks: nfree */
	size_t nfull, nfree;
};

/* partitions is borrowed. */
void group_buffers_init(struct group_buffers *b,
    struct partitions *partitions, bool general);
void group_buffers_fini(struct group_buffers *b);

/*
 * Add a group by the hash of its key. What its states point to is taken over,
 * or freed on failure. Returns 0, or FLOWD_ENOMEM or FLOWD_EIO with err set.
 */
int group_buffers_add(struct group_buffers *b, uint64_t hash,
    const uint64_t *key, uint64_t *state, struct flowd_error *err);

/*
 * Add a group for each part, whose keys are plain and packed, without looking
 * whether it is there; its states are those of no flow, until they are brought
 * up to date before the next call. Writes the numbers of the rows to row. The
 * same.
 */
int group_buffers_take(struct group_buffers *b, const struct key_values *keys,
    uint32_t *row, struct flowd_error *err);

/* The states of row 0; those of the next one are b->words on. */
static inline uint64_t *
group_buffers_states(const struct group_buffers *b)
{
	return b->rows + b->key_words;
}

/* Give all rows away. 0 or a negative FLOWD_E*, with err. */
int group_buffers_flush(struct group_buffers *b, struct flowd_error *err);

#endif
