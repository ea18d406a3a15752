/*
 * How often a kind of message is written: the first few of an interval are,
 * the others counted, and their number told when the interval is over.
 *
 * Knows neither messages nor clocks; log.c has one for the process.
 * Test: test/unit/flowd/test_ratelimit.c.
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
 * May one more be written now? It is counted as written or as withheld.
 * Ask ratelimit_end() first.
 */
bool ratelimit_pass(struct ratelimit *r, unsigned burst, int64_t now_s);

/*
 * End an interval that is over. Returns how many were withheld in it, 0 when
 * it goes on: so at most one such number is told in an interval.
 */
uint64_t ratelimit_end(struct ratelimit *r, int64_t interval_s, int64_t now_s);

/* Seconds until there is a number to tell; -1: there is none. */
int64_t ratelimit_left(
    const struct ratelimit *r, int64_t interval_s, int64_t now_s);

#endif
