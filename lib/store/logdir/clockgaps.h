/*
 * Clock gaps: spans that a clock went ahead over, in a step or while nobody
 * looked. How long they really took nobody knows: a clock that was set wrong
 * looks like one that was set right, and like a machine that was off. So the
 * age of a segment is counted without them, and nothing is removed for its age
 * that would not have been removed had the clock gone on evenly.
 *
 * They are kept in a text beside the segments, see flowd-log(5): a line "seen"
 * with the time when the clock was looked at last, and a line "gap" for each.
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

/* The clock went ahead. When there are too many the oldest two become one. */
void clockgaps_add(struct clockgaps *g, int64_t from_sec, int64_t to_sec);
/* The clock went back to now_sec: what it went back over is in no gap. */
void clockgaps_back(struct clockgaps *g, int64_t now_sec);
/* Nothing was begun before: what is of no use to it goes. True: some did. */
bool clockgaps_drop(struct clockgaps *g, int64_t oldest_sec);

/*
 * How long ago the end of something is that was begun at start_sec, without
 * the gaps in between. What was begun before a gap has ended before it.
 */
int64_t clockgaps_age(const struct clockgaps *g, int64_t start_sec,
    int64_t end_sec, int64_t now_sec);

#endif
