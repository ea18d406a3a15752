/* Derived columns; see derived.h. Test: test/unit/match/test_derived.c. */
#include <string.h>
#include <time.h>

#include "derived.h"

enum { DAY_SEC = 86400, QUARTER_SEC = 900 };

static const uint64_t second_ns = 1000000000;

const char *
filter_column_name(unsigned col)
{
	static const char *const names[] = {
#define DERIVED_NAME(name, doc) #name,
		DERIVED_COLUMNS(DERIVED_NAME)
#undef DERIVED_NAME
	};

	return column_is_derived(col) ? names[col - COL_COUNT]
				      : column_info[col].name;
}

uint64_t
filter_column_max(unsigned col)
{
	return column_is_derived(col) ? UINT64_MAX : column_max(col);
}

/* A flow that ends before it starts has a duration of 0. */
static uint64_t
flow_duration(int64_t start, int64_t end)
{
	return end > start ? (uint64_t)end - (uint64_t)start : 0;
}

/* From the times, or from the exporter's uptimes, which wrap. */
static uint64_t
duration_ns(const struct batch *batch, size_t row)
{
	const struct column *col = batch->col;
	uint32_t ms;

	if (batch_has(batch, COL_flow_start, row) &&
	    batch_has(batch, COL_flow_end, row))
		return flow_duration(col[COL_flow_start].ns[row],
		    col[COL_flow_end].ns[row]);
	if (!batch_has(batch, COL_flow_start_uptime_ms, row) ||
	    !batch_has(batch, COL_flow_end_uptime_ms, row))
		return 0;
	ms = col[COL_flow_end_uptime_ms].u32[row] -
	    col[COL_flow_start_uptime_ms].u32[row];
	return ms > INT32_MAX ? 0 : ms * UINT64_C(1000000);
}

/* n per second; 0 for a flow with a duration of 0. */
static uint64_t
rate_per_second(uint64_t n, uint64_t ns)
{
	double per_second;

	if (ns == 0)
		return 0;
	if (n <= UINT64_MAX / second_ns)
		return n * second_ns / ns;
	per_second = (double)n * (double)second_ns / (double)ns;
	return per_second < (double)UINT64_MAX ? (uint64_t)per_second
					       : UINT64_MAX;
}

static uint64_t
bits_per_second(uint64_t octets)
{
	return octets <= UINT64_MAX / 8 ? octets * 8 : UINT64_MAX;
}

static void
derive_duration(const struct batch *batch, uint64_t *out)
{
	for (size_t row = 0; row < batch->nrows; row++)
		out[row] = duration_ns(batch, row);
}

static void
derive_bps(const struct batch *batch, uint64_t *out)
{
	for (size_t row = 0; row < batch->nrows; row++)
		out[row] = rate_per_second(
		    bits_per_second(batch_uint(batch, COL_octets, row)),
		    duration_ns(batch, row));
}

static void
derive_pps(const struct batch *batch, uint64_t *out)
{
	for (size_t row = 0; row < batch->nrows; row++)
		out[row] = rate_per_second(batch_uint(batch, COL_packets, row),
		    duration_ns(batch, row));
}

static void
derive_bpp(const struct batch *batch, uint64_t *out)
{
	for (size_t row = 0; row < batch->nrows; row++) {
		uint64_t packets = batch_uint(batch, COL_packets, row);

		out[row] = packets == 0
		    ? 0
		    : batch_uint(batch, COL_octets, row) / packets;
	}
}

/* Caches the local time at the start of a quarter of an hour. */
struct quarter_cache {
	bool known;
	int64_t quarter;
	uint64_t weekday;
	uint64_t day_second;
};

/* recv_time in seconds; 0 if there is none. */
static int64_t
row_sec(const struct batch *batch, size_t row)
{
	int64_t ns;

	if (!batch_has(batch, COL_recv_time, row))
		return 0;
	ns = batch->col[COL_recv_time].ns[row];
	return ns / (int64_t)second_ns - (ns % (int64_t)second_ns < 0);
}

/*
 * Time zone offsets change only at quarters of an hour. Returns the seconds
 * since the start of the quarter.
 */
static uint64_t
zone_look(struct quarter_cache *z, int64_t sec)
{
	int64_t quarter = sec / QUARTER_SEC - (sec % QUARTER_SEC < 0);
	time_t t = (time_t)(quarter * QUARTER_SEC);
	struct tm tm;

	if (!z->known || z->quarter != quarter) {
		memset(&tm, 0, sizeof(tm));
		(void)localtime_r(&t, &tm);
		z->known = true;
		z->quarter = quarter;
		z->weekday = (uint64_t)tm.tm_wday;
		z->day_second = (uint64_t)(tm.tm_hour * 3600 +
		    tm.tm_min * 60 + tm.tm_sec);
	}
	return (uint64_t)(sec - quarter * QUARTER_SEC);
}

static void
derive_weekday(const struct batch *batch, uint64_t *out)
{
	struct quarter_cache z = { .known = false };

	for (size_t row = 0; row < batch->nrows; row++) {
		(void)zone_look(&z, row_sec(batch, row));
		out[row] = z.weekday;
	}
}

static void
derive_day_second(const struct batch *batch, uint64_t *out)
{
	struct quarter_cache z = { .known = false };

	for (size_t row = 0; row < batch->nrows; row++) {
		uint64_t into = zone_look(&z, row_sec(batch, row));

		out[row] = (z.day_second + into) % DAY_SEC;
	}
}

void
derive(unsigned col, const struct batch *batch, uint64_t *out)
{
	static void (*const by_column[NDERIVED])(const struct batch *batch,
	    uint64_t *out) = {
#define DERIVED_FUNCTION(name, doc) [COL_##name - COL_COUNT] = derive_##name,
		DERIVED_COLUMNS(DERIVED_FUNCTION)
#undef DERIVED_FUNCTION
	};

	by_column[col - COL_COUNT](batch, out);
}
