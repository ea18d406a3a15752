/*
 * Time bins: which bin a time is in, and when bins begin, also over changes of
 * the clocks. Every bin ends where the next begins, and a time is in the bin
 * that it lies in.
 */
#define _POSIX_C_SOURCE 200809L /* setenv(3) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "../random.h"
#include "time_bin.h"

#define SECOND INT64_C(1000000000)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)

static const struct zone utc = { false, 0 };
static const struct zone local = { true, 0 };

/* By their rules, as a system may have no table of zones. */
#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"
#define LORD_HOWE "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0" /* by half an hour */
#define ST_JOHNS "NST3:30NDT,M3.2.0/0:01,M11.1.0/0:01" /* back to 23:01 */
#define GOOSE_BAY "AST4ADT,M3.2.0/0:01,M11.1.0/0:01"
#define SAO_PAULO "<-03>3<-02>,M11.1.0/0,M2.3.0/0" /* back to 23:00 */
#define HAVANA "CST5CDT,M3.2.0/0,M11.1.0/1" /* midnight comes twice */
#define CAIRO "EET-2EEST,M4.5.5/0,M10.5.4/24" /* midnight is skipped */

static void
use_zone(const char *tz)
{
	assert_int_equal(setenv("TZ", tz, 1), 0);
	tzset();
}

static struct time_bins
bins_of(uint64_t width_ns, struct zone zone, int64_t now_ns)
{
	struct time_bins b;

	time_bins_init(&b, width_ns, zone, now_ns);
	return b;
}

/* Seconds of UTC as ns. */
static int64_t
utc_ns(int64_t year, int64_t month, int64_t day, int64_t hour, int64_t minute)
{
	return (civil_days(year, month, day) * 86400 + hour * 3600 +
		   minute * 60) *
	    SECOND;
}

/* A time is in the bin that it lies in, whatever was asked for before. */
static void
assert_consistent(struct time_bins *b, int64_t ns)
{
	uint32_t bin = time_bin(b, ns);
	struct time_bins fresh = *b;
	int64_t begin = time_bin_begin(b, bin);
	int64_t end = time_bin_begin(b, bin + 1);

	fresh.last_len = 0;
	fresh.cache.known = false;
	assert_int_equal(time_bin(&fresh, ns), bin);
	if (bin > 0 && ns < begin)
		fail_msg("%lld is before its bin", (long long)ns);
	if (ns >= end)
		fail_msg("%lld is behind its bin", (long long)ns);
}

static void
bins_are_multiples_of_their_width(void **state)
{
	struct time_bins b = bins_of(300 * SECOND, utc, 0);

	(void)state;
	assert_int_equal(time_bin(&b, 0), 0);
	assert_int_equal(time_bin(&b, 300 * SECOND - 1), 0);
	assert_int_equal(time_bin(&b, 300 * SECOND), 1);
	assert_int_equal(time_bin(&b, 299 * SECOND), 0);
	assert_int_equal(time_bin(&b, 1700000000 * SECOND), 5666666);
	assert_true(time_bin_begin(&b, 5666666) == 1699999800 * SECOND);
}

static void
times_before_1970_are_in_the_first_bin(void **state)
{
	static const struct zone zones[] = { { false, 0 }, { false, 5 * 3600 },
		{ false, -5 * 3600 } };
	static const uint64_t width[] = { 60 * SECOND, HOUR, DAY, 7 * DAY };

	(void)state;
	for (unsigned z = 0; z < 3; z++)
		for (unsigned w = 0; w < 4; w++) {
			struct time_bins b = bins_of(width[w], zones[z], 0);
			uint32_t first = time_bin(&b, 0);

			assert_int_equal(time_bin(&b, -1), first);
			assert_int_equal(time_bin(&b, INT64_MIN), first);
			assert_int_equal(time_bin(&b, 0), first);
		}
}

static void
greatest_times_are_in_a_bin_that_begins_before(void **state)
{
	static const uint64_t width[] = { SECOND, 60 * SECOND, HOUR, DAY,
		365 * DAY };

	(void)state;
	for (unsigned w = 0; w < 5; w++) {
		struct time_bins b = bins_of(width[w], utc, 0);
		uint32_t bin = time_bin(&b, INT64_MAX);

		assert_true(time_bin_begin(&b, bin) > 0);
		assert_true(
		    time_bin_begin(&b, bin + 1) > time_bin_begin(&b, bin));
		assert_int_equal(time_bin(&b, INT64_MAX), bin);
		assert_true(time_bin(&b, INT64_MAX - 1) <= bin);
		assert_true(time_bin(&b, 1700000000 * SECOND) < bin);
	}
}

static void
days_begin_at_midnight_in_the_zone(void **state)
{
	struct time_bins b;

	(void)state;
	use_zone(BERLIN);
	b = bins_of(DAY, local, 0);
	/* 2023-03-26 has 23 hours, 2023-10-29 has 25. */
	assert_int_equal(time_bin(&b, utc_ns(2023, 3, 25, 22, 59)),
	    civil_days(2023, 3, 25));
	assert_int_equal(
	    time_bin(&b, utc_ns(2023, 3, 25, 23, 0)), civil_days(2023, 3, 26));
	assert_int_equal(time_bin(&b, utc_ns(2023, 3, 26, 21, 59)),
	    civil_days(2023, 3, 26));
	assert_int_equal(
	    time_bin(&b, utc_ns(2023, 3, 26, 22, 0)), civil_days(2023, 3, 27));
	assert_true(time_bin_begin(&b, (uint32_t)civil_days(2023, 10, 29)) ==
	    utc_ns(2023, 10, 28, 22, 0));
	assert_true(time_bin_begin(&b, (uint32_t)civil_days(2023, 10, 30)) ==
	    utc_ns(2023, 10, 29, 23, 0));
}

static void
weeks_are_seven_days_from_a_thursday(void **state)
{
	struct time_bins b = bins_of(7 * DAY, utc, 0);

	(void)state;
	assert_true(
	    time_bin_begin(&b, time_bin(&b, utc_ns(2023, 11, 14, 5, 0))) ==
	    utc_ns(2023, 11, 9, 0, 0));
}

/* Others begin by the offset that there is now, in summer and in winter. */
static void
hours_are_counted_by_the_present_offset(void **state)
{
	struct time_bins b;

	(void)state;
	use_zone(BERLIN);
	b = bins_of(6 * HOUR, local, utc_ns(2023, 7, 1, 0, 0));
	assert_true(
	    time_bin_begin(&b, time_bin(&b, utc_ns(2023, 7, 1, 12, 0))) ==
	    utc_ns(2023, 7, 1, 10, 0));
	b = bins_of(6 * HOUR, local, utc_ns(2023, 12, 1, 0, 0));
	assert_true(
	    time_bin_begin(&b, time_bin(&b, utc_ns(2023, 7, 1, 12, 0))) ==
	    utc_ns(2023, 7, 1, 11, 0));
	use_zone(LORD_HOWE);
	b = bins_of(HOUR, local, utc_ns(2023, 7, 1, 0, 0));
	assert_true(
	    time_bin_begin(&b, time_bin(&b, utc_ns(2023, 7, 1, 12, 0))) ==
	    utc_ns(2023, 7, 1, 11, 30));
	use_zone(ST_JOHNS);
	b = bins_of(2 * HOUR, local, utc_ns(2023, 12, 1, 0, 0));
	assert_true(
	    time_bin_begin(&b, time_bin(&b, utc_ns(2023, 12, 1, 12, 0))) ==
	    utc_ns(2023, 12, 1, 11, 30));
}

/*
 * From hour to hour over years with changes of the clocks at night, at
 * midnight, over midnight, of half an hour, and of a whole day.
 */
static void
days_follow_each_other_in_every_zone(void **state)
{
	static const struct {
		const char *tz;
		int64_t year;
	} cases[] = {
		{ "UTC", 2023 },
		{ BERLIN, 2023 },
		{ LORD_HOWE, 2023 },
		{ ST_JOHNS, 2010 },
		{ GOOSE_BAY, 2010 },
		{ SAO_PAULO, 2018 },
		{ HAVANA, 2023 },
		{ CAIRO, 2023 },
		{ "Pacific/Apia", 2011 }, /* a day is skipped */
		{ "Pacific/Kiritimati", 2023 },
		{ "Etc/GMT+12", 2023 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t from = utc_ns(cases[i].year, 1, 1, 0, 0), days = 0;
		struct time_bins b;
		uint32_t last = 0;

		use_zone(cases[i].tz);
		b = bins_of(DAY, local, 0);
		for (int64_t k = 0; k < 400 * 24 * 4; k++) {
			int64_t ns = from + k * 15 * 60 * SECOND;
			uint32_t bin = time_bin(&b, ns);

			assert_consistent(&b, ns);
			assert_true(bin >= last);
			days += bin != last;
			last = bin;
			if (k % 97 == 0)
				assert_consistent(&b, ns - 1);
		}
		assert_in_range(days, 399, 402);
	}
	use_zone("UTC");
}

static void
random_times_lie_in_their_bins(void **state)
{
	static const uint64_t width[] = { SECOND, 17 * SECOND, 300 * SECOND,
		HOUR, 5 * HOUR, DAY, 30 * DAY };
	struct random r = { 9 };

	(void)state;
	use_zone(LORD_HOWE);
	for (unsigned w = 0; w < 7; w++) {
		struct time_bins b = bins_of(
		    width[w], local, utc_ns(2023, 7, 1, 0, 0));

		for (unsigned i = 0; i < 500; i++) {
			int64_t ns = (int64_t)(random_bits(&r) >> 2);

			if (width[w] > SECOND || ns < 4294967000 * SECOND)
				assert_consistent(&b, ns);
		}
	}
	use_zone("UTC");
}

static void
civil_time_is_cached_by_the_quarter(void **state)
{
	struct zone_cache cache = { .zone = local };

	(void)state;
	use_zone(LORD_HOWE);
	for (int64_t sec = 1680000000; sec < 1697000000; sec += 449)
		assert_true(zone_civil(&cache, sec) == civil_at(local, sec));
	for (int64_t sec = -2000; sec < 2000; sec += 7)
		assert_true(zone_civil(&cache, sec) == civil_at(local, sec));
	use_zone("UTC");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bins_are_multiples_of_their_width),
		cmocka_unit_test(times_before_1970_are_in_the_first_bin),
		cmocka_unit_test(
		    greatest_times_are_in_a_bin_that_begins_before),
		cmocka_unit_test(days_begin_at_midnight_in_the_zone),
		cmocka_unit_test(weeks_are_seven_days_from_a_thursday),
		cmocka_unit_test(hours_are_counted_by_the_present_offset),
		cmocka_unit_test(days_follow_each_other_in_every_zone),
		cmocka_unit_test(random_times_lie_in_their_bins),
		cmocka_unit_test(civil_time_is_cached_by_the_quarter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
