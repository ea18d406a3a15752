/* Time bins; see time_bin.h. */
#include "time_bin.h"

#define SECOND_NS INT64_C(1000000000)
#define DAY_SEC INT64_C(86400)
#define QUARTER_SEC INT64_C(900)

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int64_t
zone_civil(struct zone_cache *cache, int64_t sec)
{
	int64_t quarter = floor_div(sec, QUARTER_SEC);

	if (!cache->known || cache->quarter != quarter) {
		cache->quarter = quarter;
		cache->ahead_sec = civil_at(cache->zone,
				       quarter * QUARTER_SEC) -
		    quarter * QUARTER_SEC;
		cache->known = true;
	}
	return sec + cache->ahead_sec;
}

void
time_bins_init(
    struct time_bins *b, uint64_t width_ns, struct zone zone, int64_t now_ns)
{
	int64_t now_sec = floor_div(now_ns, SECOND_NS);

	*b = (struct time_bins){ .width_ns = (int64_t)width_ns,
		.cache = { .zone = zone } };
	b->days = b->width_ns % (DAY_SEC * SECOND_NS) == 0;
	if (!b->days)
		b->ahead_ns = (zone_civil(&b->cache, now_sec) - now_sec) *
		    SECOND_NS;
}

/*
 * Where clocks go back over midnight, as from 00:01 to 23:01, they show a day
 * again that is over: a bin ends for good where the next one begins.
 */
static int64_t
time_bin_settle(const struct time_bins *b, int64_t number, int64_t ns)
{
	while (number < UINT32_MAX - 1 &&
	    ns >= time_bin_begin(b, (uint32_t)number + 1))
		number++;
	return number;
}

uint32_t
time_bin_find(struct time_bins *b, int64_t ns)
{
	const int64_t most = INT64_MAX - 2 * DAY_SEC * SECOND_NS - b->width_ns;
	int64_t number, at = ns < 0 ? 0 : ns < most ? ns : most;

	if (b->days)
		number = floor_div(
		    zone_civil(&b->cache, floor_div(at, SECOND_NS)),
		    b->width_ns / SECOND_NS);
	else
		number = floor_div(at + b->ahead_ns, b->width_ns);
	number = number < 0 ? 0
	    : number < UINT32_MAX
	    ? number
	    : UINT32_MAX - 1;
	if (b->days)
		number = time_bin_settle(b, number, at);
	b->last = (uint32_t)number;
	b->last_ns = time_bin_begin(b, b->last);
	b->last_len = (uint64_t)time_bin_begin(b, b->last + 1) -
	    (uint64_t)b->last_ns;
	return b->last;
}

int64_t
time_bin_begin(const struct time_bins *b, uint32_t bin)
{
	if (b->days)
		return civil_instants(b->cache.zone,
			   (int64_t)bin * (b->width_ns / SECOND_NS))
			   .early_sec *
		    SECOND_NS;
	return (int64_t)bin * b->width_ns - b->ahead_ns;
}
