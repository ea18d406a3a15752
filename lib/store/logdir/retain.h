/*
 * Which segments of a directory to remove: the oldest first, never the one in
 * use. The decision is made from numbers; doing it is the caller's, who says
 * of each whether it went: one that cannot be removed does not keep others.
 *
 * Test: test/unit/store/test_retain.c.
 */
#ifndef FLOWD_RETAIN_H
#define FLOWD_RETAIN_H

#include "catalogue.h"
#include "clockgaps.h"

enum {
	RETAIN_AHEAD_SEC = 60 /* what is named after later is of the future */
};

/* What is wanted; 0 stands for no limit. */
struct retain_policy {
	int64_t keep_sec;	/* how old flows may get */
	uint64_t max_octets;	/* of all segments */
	unsigned free_percent;	/* of the file system that stays free */
	unsigned least_percent;	/* of it that the segments may take for that,
				 * however little is free */
};

/* What is. */
struct retain_state {
	int64_t now_sec;
	uint64_t fs_octets;	/* of the file system; 0: not known */
	uint64_t fs_free;	/* of these */
	const char *in_use;	/* the segment that is written to, or NULL */
	const char *begun;	/* the next one, while that goes on, or NULL */
	const struct clockgaps *gaps; /* by which nothing is older; or NULL */
};

/* Why one is removed. */
enum retain_reason {
	RETAIN_KEEP,
	RETAIN_MAX,
	RETAIN_FREE,
	RETAIN_REASONS
};

struct retain {
	const struct retain_policy *policy;
	const struct retain_state *state;
	struct catalogue_entry *next, *end;
	uint64_t octets;	/* of those that are there */
	uint64_t stuck;		/* of these, of those that cannot be removed */
	uint64_t freed;
	size_t held;		/* not removed by keep for a gap of the clock */
	bool others;		/* keep free goes no further: the file system
				 * is full of other files */
};

/*
 * Begin with a catalogue that is sorted; its order is another one then.
 *
 * A segment has ended when the next one began, or when it was changed last, if
 * that is earlier; and the last one has not ended. One that is named after a
 * time to come, as a clock was ahead then, is as old as the system's note of
 * its last change says: who finds one of which that is to come, too, has the
 * system note now (see retain_is_ahead()).
 */
void retain_begin(struct retain *r, struct catalogue *c,
    const struct retain_policy *policy, const struct retain_state *state);
/* The next one to remove, and why; NULL: the others are to be kept. */
struct catalogue_entry *retain_next(
    struct retain *r, enum retain_reason *why);
/* What retain_next() returned last is gone; or it could not be removed. */
void retain_gone(struct retain *r);
void retain_stuck(struct retain *r);
/* Do they take more than max? */
bool retain_exceeds(const struct retain *r);

/* Is it named, written and noted after a time to come? */
bool retain_is_ahead(const struct catalogue_entry *e, int64_t now_sec);

#endif
