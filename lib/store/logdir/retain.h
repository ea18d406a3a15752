/*
 * Decides which segments of a directory to remove: the oldest first, never the
 * one in use. The caller removes them and reports whether that worked: a
 * segment that cannot be removed does not protect others.
 *
 * Test: test/unit/store/test_retain.c.
 */
#ifndef FLOWD_RETAIN_H
#define FLOWD_RETAIN_H

#include "catalogue.h"
#include "clockgaps.h"

enum {
	RETAIN_AHEAD_SEC = 60 /* a later time in a name is in the future */
};

/* The limits; 0 means none. */
struct retain_policy {
	int64_t keep_sec;	/* how old flows may get */
	uint64_t max_octets;	/* of all segments */
	unsigned free_percent;	/* of the file system that stays free */
	unsigned least_percent;	/* of it that the segments may take for that,
				 * however little is free */
};

/* The current state. */
struct retain_state {
	int64_t now_sec;
	uint64_t fs_octets;	/* of the file system; 0: not known */
	uint64_t fs_free;	/* of these */
	const char *in_use;	/* the segment that is written to, or NULL */
	const char *begun;	/* the next one, while that goes on, or NULL */
	const struct clockgaps *gaps; /* excluded from ages; or NULL */
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
	size_t held;		/* not removed because of a clock gap */
	bool others;		/* "keep free" stops: other files use the
				 * space */
};

/*
 * Begin with a sorted catalogue, whose order changes.
 *
 * A segment ends when the next one starts, or at its last change if that is
 * earlier; the last segment has not ended. If the name of a segment is in the
 * future, because the clock was wrong, the time of its last status change
 * counts. If that is in the future, too, the caller touches the file (see
 * retain_is_ahead()).
 */
void retain_begin(struct retain *r, struct catalogue *c,
    const struct retain_policy *policy, const struct retain_state *state);
/* The next segment to remove, and why; NULL: keep the rest. */
struct catalogue_entry *retain_next(
    struct retain *r, enum retain_reason *why);
/* The last segment of retain_next() was removed; or could not be removed. */
void retain_gone(struct retain *r);
void retain_stuck(struct retain *r);
/* Do the segments exceed max? */
bool retain_exceeds(const struct retain *r);

/* Are its name and all its times in the future? */
bool retain_is_ahead(const struct catalogue_entry *e, int64_t now_sec);

#endif
