/*
 * Rate limit of one kind of message: the first few of an interval are logged,
 * the others are counted, and their number is logged when the interval ends.
 *
 * Independent of messages and clocks. Called by log.c.
 * Test: test/unit/flowd/log/test_ratelimit.c.
 */
#ifndef FLOWD_RATELIMIT_H
#define FLOWD_RATELIMIT_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed: nothing was written yet. */
struct ratelimit {
	int64_t since_s; /* when the interval began */
	unsigned written; /* messages in it */
	uint64_t withheld;
};

/*
 * May a message be logged now? It is counted as logged or as withheld. Call
 * ratelimit_end() first.
 */
bool ratelimit_pass(struct ratelimit *r, unsigned burst, int64_t now_s);

/*
 * End an interval that is over. Returns how many messages were withheld in it,
 * or 0 while it lasts.
 */
uint64_t ratelimit_end(struct ratelimit *r, int64_t interval_s, int64_t now_s);

/* Seconds until withheld messages are due to be reported; -1: none. */
int64_t ratelimit_left(
    const struct ratelimit *r, int64_t interval_s, int64_t now_s);

#endif
