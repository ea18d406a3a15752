/*
 * Clock gaps: spans over which the clock jumped forward, in a step or while
 * flowd did not run. Their real duration is unknown: a clock that was set
 * wrong, one that was corrected, and a machine that was off look the same. The
 * age of a segment therefore excludes them, so that no segment is removed
 * earlier than with a steady clock.
 *
 * They are stored in a text file beside the segments, see flowd-log(5): a line
 * "seen" with the last time that the clock showed, and a line "gap" for each.
 *
 * Test: test/unit/store/test_clockgaps.c.
 */
#ifndef FLOWD_CLOCKGAPS_H
#define FLOWD_CLOCKGAPS_H

#include "buf.h"
#include "result.h"

enum {
	CLOCKGAPS_MAX = 16,
	CLOCKGAPS_TEXT = 2048 /* octets of the text, more than there can be */
};

struct clockgap {
	int64_t from_sec, to_sec;
};

struct clockgaps {
	int64_t seen_sec; /* 0: never */
	struct clockgap gap[CLOCKGAPS_MAX]; /* in the order of from_sec */
	size_t n;
};

/* 0, or FLOWD_EFORMAT: then it is empty. */
int clockgaps_parse(struct clockgaps *g, const char *text);
void clockgaps_print(const struct clockgaps *g, struct buf *out);

/*
 * The clock jumped forward. If there are too many gaps, the oldest two are
 * joined.
 */
void clockgaps_add(struct clockgaps *g, int64_t from_sec, int64_t to_sec);
/* The clock jumped back to now_sec: the gaps lose what it jumped over. */
void clockgaps_back(struct clockgaps *g, int64_t now_sec);
/*
 * Drop the gaps that no segment needs, as the oldest was created at oldest_sec.
 * True if some were dropped.
 */
bool clockgaps_drop(struct clockgaps *g, int64_t oldest_sec);

/*
 * The age of something that started at start_sec and ended at end_sec, without
 * the gaps since then. What started before a gap has ended before it.
 */
int64_t clockgaps_age(const struct clockgaps *g, int64_t start_sec,
    int64_t end_sec, int64_t now_sec);

#endif
