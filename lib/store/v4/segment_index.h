/*
 * The index that a sealed segment ends with: where its blocks are and when
 * their flows were, and which addresses they may have; see flowd-log(5).
 *
 * Test: test/unit/store/test_seal.c; fuzz: fuzz/fuzz_v4.c.
 */
#ifndef FLOWD_SEGMENT_INDEX_H
#define FLOWD_SEGMENT_INDEX_H

#include "addr_bloom.h"
#include "block_head.h"
#include "buf.h"

enum {
	INDEX_GROUP = 16,	/* blocks that have a filter together */
	INDEX_TAIL = 12		/* octets at the end that lead to an index */
};

/* --- Reading --- */

struct segment_index {
	uint64_t covered;	/* octets of the segment in front of it */
	uint64_t nrows;
	uint32_t nblocks, group;
	struct addr_bloom all;
	const uint8_t *blocks;	/* entries */
	struct bytes groups;	/* filters of the groups */
};

struct segment_index_entry {
	uint64_t offset;
	uint32_t len, nrows;
	int64_t min_ns, max_ns;
};

/*
 * The index at the end of a file. Returns 0; FLOWD_EOF when it has none, or
 * one that is not for all of it; FLOWD_EFORMAT or FLOWD_ECHECKSUM when it is
 * damaged: then the blocks are still to be found by going from one to the
 * next.
 */
int segment_index_find(
    struct bytes file, struct segment_index *ix, struct flowd_error *err);
/* Do the last octets of a file say that an index is in front of them? */
bool segment_index_ends(const uint8_t tail[INDEX_TAIL]);
/* The index from the block itself. */
int segment_index_parse(const struct block *b, struct segment_index *ix,
    struct flowd_error *err);

/* i is below nblocks. The entry lies within what is covered. */
struct segment_index_entry segment_index_entry(
    const struct segment_index *ix, uint32_t i);
/* The filter of the group that the block is in. */
struct addr_bloom segment_index_group(
    const struct segment_index *ix, uint32_t block);

/* --- Writing --- */

struct segment_index_writer;

/* seed: what senders cannot know. NULL when out of memory. */
struct segment_index_writer *segment_index_writer_new(uint64_t seed);
void segment_index_writer_free(struct segment_index_writer *w);

/*
 * Take notice of a block of flows that is written next, as it lies. 0, or
 * FLOWD_ENOMEM or what is wrong with the block: then nothing was noted.
 */
int segment_index_writer_add(struct segment_index_writer *w, struct bytes block,
    struct flowd_error *err);
/* Append the index to out; FLOWD_ENOMEM when there is no room. */
int segment_index_writer_finish(
    struct segment_index_writer *w, struct buf *out);

#endif
