/*
 * Derived columns: computed from others when a filter tests them. Their numbers
 * follow those of the columns of a batch.
 *
 * Test: test/unit/match/test_derived.c.
 */
#ifndef FLOWD_DERIVED_H
#define FLOWD_DERIVED_H

#include "batch.h"

/*
 * DERIVED(name, doc): all are unsigned 64-bit numbers, 0 where a source column
 * has no value.
 */
#define DERIVED_COLUMNS(DERIVED) \
	DERIVED(duration, "nanoseconds from flow_start to flow_end") \
	DERIVED(bps, "bits a second over the duration") \
	DERIVED(pps, "packets a second over the duration") \
	DERIVED(bpp, "octets a packet") \
	DERIVED(weekday, "local weekday of recv_time, Sunday is 0") \
	DERIVED(day_second, "local second of the day of recv_time")

enum derived_column {
	DERIVED_FIRST = COL_COUNT - 1,
#define DERIVED_ENUM(name, doc) COL_##name,
	DERIVED_COLUMNS(DERIVED_ENUM)
#undef DERIVED_ENUM
	    FILTER_COLUMNS,
	NDERIVED = FILTER_COLUMNS - COL_COUNT
};

static inline bool
column_is_derived(unsigned col)
{
	return col >= COL_COUNT;
}

/* The name of a batch or derived column. */
const char *filter_column_name(unsigned col);
/* The largest number that fits a batch or derived column. */
uint64_t filter_column_max(unsigned col);

/* Compute a column for all rows into out. */
void derive(unsigned col, const struct batch *batch, uint64_t *out);

#endif
