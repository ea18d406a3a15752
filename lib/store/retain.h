/*
 * Which segments of a directory to remove: the oldest first, never the one in
 * use. The decision is made from numbers; doing it is apart.
 *
 * Called by the keeper. Test: test/unit/store/test_retain.c.
 */
#ifndef FLOWD_RETAIN_H
#define FLOWD_RETAIN_H

#include "catalogue.h"

/* What is wanted; 0 stands for no limit. */
struct retain_policy {
	int64_t keep_sec;	/* how old flows may get */
	uint64_t max_octets;	/* of all segments */
	unsigned free_percent;	/* of the file system that stays free */
};

/* What is. */
struct retain_state {
	int64_t now_sec;
	uint64_t fs_octets;	/* of the file system; 0: not known */
	uint64_t fs_free;	/* of these */
	const char *in_use;	/* name of a segment, or NULL */
};

/*
 * How many of the catalogue's segments, the oldest first, are to go. A segment
 * ends when the next one begins, or when it was changed last, if that is
 * earlier; and the last one has not ended. The one in
 * use does not count among those that go, nor do those behind it; what it
 * takes counts as taken.
 */
size_t retain_choose(const struct catalogue *c,
    const struct retain_policy *policy, const struct retain_state *state);

/*
 * Remove the first n segments from the open directory. Those that are gone
 * already are no failure. Returns how many are gone, with err set when it is
 * not all of them.
 */
size_t retain_remove(const struct catalogue *c, size_t n, int dirfd,
    struct flowd_error *err);

#endif
