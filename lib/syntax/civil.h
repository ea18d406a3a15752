/*
 * Civil time: the clock of a time zone, in seconds since it showed 1970-01-01
 * 00:00. A civil time occurs twice when the clock is set back, and not at all
 * when it is set forward over it.
 *
 * Test: test/unit/syntax/test_civil.c.
 */
#ifndef FLOWD_CIVIL_H
#define FLOWD_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

/* The zone of the environment (TZ), or an offset from UTC. */
struct zone {
	bool local;
	int32_t east_sec; /* offset if not local */
};

/* An interval in seconds since 1970; the end is exclusive. */
struct stretch {
	int64_t from_sec, to_sec;
};

/* Days from 1970-01-01 to a date of the Gregorian calendar; month from 1. */
int64_t civil_days(int64_t year, int64_t month, int64_t day);

/* The civil time at sec seconds since 1970. */
int64_t civil_at(struct zone zone, int64_t sec);

/* The first and the last instant of a civil time. */
struct instants {
	int64_t early_sec, late_sec; /* skipped: the instant of the change */
	bool skipped;
};

struct instants civil_instants(struct zone zone, int64_t civil_sec);

/*
 * The intervals of the civil times [from, to). Returns how many: 1, which may
 * be empty, or 2.
 */
unsigned civil_stretches(struct zone zone, int64_t from, int64_t to,
    struct stretch stretch[2]);

#endif
