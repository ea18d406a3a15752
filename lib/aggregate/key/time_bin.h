/*
 * Time bins of one width. Bins of whole days begin at midnight in a zone, days
 * counted from 1970-01-01; others at multiples of their width from the midnight
 * of 1970-01-01 in the zone's present offset from UTC.
 *
 * Used by flow_parts.c and aggregate_result.c. Test: test/unit/aggregate/
 * test_time_bin.c.
 */
#ifndef FLOWD_TIME_BIN_H
#define FLOWD_TIME_BIN_H

#include "civil.h"

/* What clocks are ahead of UTC by; they are set at quarters of an hour. */
struct zone_cache {
	struct zone zone;
	int64_t quarter; /* for which it is known */
	int64_t ahead_sec;
	bool known;
};

enum {
	BINS_OF_A_FLOW = 4096 /* at most; a longer flow is where it ends */
};

#define BIN_MIN_NS UINT64_C(1000000000)
#define BIN_MAX_NS (366 * UINT64_C(86400000000000))

struct time_bins {
	int64_t width_ns;
	bool days; /* of width_ns / one day, by the zone */
	int64_t ahead_ns; /* of UTC, of bins that are not days */
	struct zone_cache cache;
	/* The bin that was asked for last, from when on and how long. */
	uint32_t last;
	int64_t last_ns;
	uint64_t last_len; /* 0: none was */
};

/* What clocks of the zone show, in seconds; see civil_at(). */
int64_t zone_civil(struct zone_cache *cache, int64_t sec);

/* width_ns is not 0; now_ns settles the present offset. */
void time_bins_init(
    struct time_bins *b, uint64_t width_ns, struct zone zone, int64_t now_ns);
/* The number of the bin that ns is in. Times before 1970 are in the first. */
uint32_t time_bin_find(struct time_bins *b, int64_t ns);

static inline uint32_t
time_bin(struct time_bins *b, int64_t ns)
{
	if ((uint64_t)ns - (uint64_t)b->last_ns < b->last_len)
		return b->last;
	return time_bin_find(b, ns);
}

/* When it begins; it ends where the next one begins. */
int64_t time_bin_begin(const struct time_bins *b, uint32_t bin);

#endif
