/*
 * Civil time: what the clocks of a zone show, in seconds since they showed
 * 1970-01-01 00:00. A time occurs twice when clocks are set back, and not at
 * all when they are set forward over it.
 *
 * Test: test/unit/syntax/test_datetime.c.
 */
#ifndef FLOWD_CIVIL_H
#define FLOWD_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

/* The zone that the environment (TZ) names, or an offset from UTC. */
struct zone {
	bool local;
	int32_t east_sec; /* if it is not */
};

/* An interval in seconds since 1970, without its end. */
struct stretch {
	int64_t from_sec, to_sec;
};

/* Days from 1970-01-01 to a date of the Gregorian calendar; month from 1. */
int64_t civil_days(int64_t year, int64_t month, int64_t day);

/* What the clocks show at this many seconds since 1970. */
int64_t civil_at(struct zone zone, int64_t sec);

/* The first and the last moment at which the clocks show a time. */
struct instants {
	int64_t early_sec, late_sec; /* skipped: when they are set forward */
	bool skipped;
};

struct instants civil_instants(struct zone zone, int64_t civil_sec);

/*
 * The intervals during which the clocks show [from, to) in civil time. Returns
 * how many there are: 1, which may be empty, or 2.
 */
unsigned civil_stretches(struct zone zone, int64_t from, int64_t to,
    struct stretch stretch[2]);

#endif
