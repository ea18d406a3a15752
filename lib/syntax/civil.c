/*
 * Civil time; see civil.h. localtime_r(3) gives the offset of the local zone at
 * an instant. The instant at which the offset changes is found by bisection;
 * within two days clocks change at most once.
 */
#define _DEFAULT_SOURCE /* localtime_r(3) */
#include <string.h>
#include <time.h>

#include "civil.h"

enum { DAY_SEC = 86400 };

int64_t
civil_days(int64_t year, int64_t month, int64_t day)
{
	/* Years begin in March, so that a leap day is the last day. */
	int64_t y = month > 2 ? year : year - 1;
	int64_t since_march = month > 2 ? month - 3 : month + 9;
	int64_t of_year = (153 * since_march + 2) / 5 + day - 1;

	return 365 * y + y / 4 - y / 100 + y / 400 + of_year - 719468;
}

int64_t
civil_at(struct zone zone, int64_t sec)
{
	time_t t = (time_t)sec;
	struct tm tm;

	if (!zone.local)
		return sec + zone.east_sec;
	memset(&tm, 0, sizeof(tm));
	(void)localtime_r(&t, &tm);
	return civil_days(tm.tm_year + INT64_C(1900), tm.tm_mon + 1,
		   tm.tm_mday) * DAY_SEC +
	    tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
}

static int64_t
zone_offset(struct zone zone, int64_t sec)
{
	return civil_at(zone, sec) - sec;
}

/* The first second with the offset of the next day. */
static int64_t
zone_change(struct zone zone, int64_t civil_sec)
{
	int64_t lo = civil_sec - DAY_SEC, hi = civil_sec + DAY_SEC;
	int64_t after = zone_offset(zone, hi);

	while (lo + 1 < hi) {
		int64_t mid = lo + (hi - lo) / 2;

		if (zone_offset(zone, mid) == after)
			hi = mid;
		else
			lo = mid;
	}
	return hi;
}

struct instants
civil_instants(struct zone zone, int64_t civil_sec)
{
	int64_t before = civil_sec - zone_offset(zone, civil_sec - DAY_SEC);
	int64_t after = civil_sec - zone_offset(zone, civil_sec + DAY_SEC);
	bool is_before = civil_at(zone, before) == civil_sec;
	bool is_after = civil_at(zone, after) == civil_sec;
	int64_t change;

	if (is_before || is_after)
		return (struct instants){ is_before ? before : after,
			is_after ? after : before, false };
	change = zone_change(zone, civil_sec);
	return (struct instants){ change, change, true };
}

static int64_t
least_sec(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
greatest_sec(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static bool
is_twice(const struct instants *i)
{
	return i->early_sec != i->late_sec;
}

unsigned
civil_stretches(struct zone zone, int64_t from, int64_t to,
    struct stretch stretch[2])
{
	struct instants begin = civil_instants(zone, from);
	struct instants end = civil_instants(zone, to);
	int64_t change;

	stretch[0] = (struct stretch){ begin.early_sec, end.early_sec };
	if (!is_twice(&begin) && !is_twice(&end))
		return 1;
	/* Before the clocks are set back, and afterwards. */
	change = zone_change(zone, is_twice(&begin) ? from : to);
	stretch[0].to_sec = least_sec(end.early_sec, change);
	stretch[1] = (struct stretch){ greatest_sec(begin.late_sec, change),
		end.late_sec };
	if (stretch[1].from_sec >= stretch[1].to_sec)
		return 1;
	if (stretch[0].to_sec < stretch[1].from_sec)
		return 2;
	stretch[0].to_sec = stretch[1].to_sec;
	return 1;
}
