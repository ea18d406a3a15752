/*
 * Segments: files of blocks, one behind the other, as bytes in memory. Reading
 * goes from block to block and finds its way again behind damage.
 *
 * Tests: test/unit/store/test_segment.c; fuzz: fuzz/fuzz_v4.c.
 */
#ifndef FLOWD_SEGMENT_H
#define FLOWD_SEGMENT_H

#include "block_head.h"

/* Where a walk over a segment is. */
struct segment_walk {
	struct bytes all;
	size_t at;		/* the next octet to look at */
	size_t block_at;	/* where the last block begins */
	bool last;		/* nothing will be appended to all */
	bool rejected;		/* the block at at is damaged */
	size_t search;		/* and from here on others are looked for */
	size_t within;		/* where the damaged blocks end, at most */
	unsigned nested;	/* of them, one within the other */
};

/* Something that is no block, passed over. */
struct segment_damage {
	size_t from, to;
	struct flowd_error why;
};

/* Begin a walk. all may grow and move between calls; see segment_grown(). */
void segment_walk_init(struct segment_walk *w, struct bytes all, bool last);

/*
 * Go to the next block of any kind, whose head is good; its columns were not
 * looked at. Returns 1 and fills b; 0 at the end; FLOWD_EOF when the end is
 * within a block that is cut, and nothing behind it is a block: it may grow,
 * or is what a crash left; or FLOWD_EFORMAT with what was passed over in
 * damage: go on with the next call.
 */
int segment_next(struct segment_walk *w, struct block *b,
    struct segment_damage *damage);

/*
 * The last block turned out to be damaged behind its head: the next call
 * looks for blocks within it, too, as it may be cut and another segment be
 * appended. That call says FLOWD_EFORMAT, and where damage ends; the reason
 * is the caller's to know.
 */
void segment_reject(struct segment_walk *w);

/* There are more octets: all, as far as it went, is the same. */
void segment_grown(struct segment_walk *w, struct bytes all, bool last);
/* The octets in front of where it is are not there any more. */
void segment_dropped(struct segment_walk *w);

#endif
