/*
 * Segments: files of consecutive blocks, as bytes in memory. Reading goes from
 * block to block and resynchronizes behind damage.
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
	/* and the search for the next one starts here */
	size_t search;
	size_t within;		/* the furthest end of the damaged blocks */
	unsigned nested;	/* damaged blocks within one another */
};

/* Octets that are not a block and were skipped. */
struct segment_damage {
	size_t from, to;
	struct flowd_error why;
};

/* Begin a walk. all may grow and move between calls; see segment_grown(). */
void segment_walk_init(struct segment_walk *w, struct bytes all, bool last);

/*
 * Go to the next block of any kind with a valid head; its columns are not
 * checked. Returns 1 and fills b; 0 at the end; FLOWD_EOF when the last block
 * is truncated: it may still grow, or a crash left it; or FLOWD_EFORMAT with
 * the skipped octets in damage: continue with the next call.
 */
int segment_next(struct segment_walk *w, struct block *b,
    struct segment_damage *damage);

/*
 * The last block is damaged behind its head. The next call searches within it,
 * too, because it may be truncated with another segment appended, and returns
 * FLOWD_EFORMAT with the end of the damage; the caller knows the reason.
 */
void segment_reject(struct segment_walk *w);

/* There are more octets; the old ones have not changed. */
void segment_grown(struct segment_walk *w, struct bytes all, bool last);
/* The octets before the current position are not available any more. */
void segment_dropped(struct segment_walk *w);

#endif
