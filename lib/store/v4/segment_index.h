/*
 * The index at the end of a sealed segment: the position and time range of its
 * blocks, and filters of their addresses; see flowd-log(5).
 *
 * Test: test/unit/store/test_seal.c; fuzz: fuzz/fuzz_v4.c.
 */
#ifndef FLOWD_SEGMENT_INDEX_H
#define FLOWD_SEGMENT_INDEX_H

#include "addr_bloom.h"
#include "block_head.h"
#include "buf.h"

enum {
	INDEX_GROUP = 16,	/* blocks that share a filter */
	INDEX_TAIL = 12		/* octets at the end that lead to an index */
};

/* --- Reading --- */

struct segment_index {
	/* octets of the segment in front of the index */
	uint64_t covered;
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
 * Find the index at the end of a file. Returns 0; FLOWD_EOF when there is none
 * that covers the file; FLOWD_EFORMAT or FLOWD_ECHECKSUM when it is damaged:
 * blocks can then still be found one after the other.
 */
int segment_index_find(
    struct bytes file, struct segment_index *ix, struct flowd_error *err);
/* Do the last octets of a file announce an index? */
bool segment_index_ends(const uint8_t tail[INDEX_TAIL]);
/* Parse the index from its block. */
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

/* seed: a secret that senders cannot know. NULL when out of memory. */
struct segment_index_writer *segment_index_writer_new(uint64_t seed);
void segment_index_writer_free(struct segment_index_writer *w);

/*
 * Index the block of flows that is written next. Returns 0, FLOWD_ENOMEM, or
 * what is wrong with the block, which is then not indexed.
 */
int segment_index_writer_add(struct segment_index_writer *w, struct bytes block,
    struct flowd_error *err);
/* Append the index to out; FLOWD_ENOMEM when there is no room. */
int segment_index_writer_finish(
    struct segment_index_writer *w, struct buf *out);

#endif
