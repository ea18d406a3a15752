/* Times as text, and the clocks of zones that are set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "datetime.h"

#define SEC INT64_C(1000000000)
/* 2026-11-23T10:05:30.5Z */
#define NOW (INT64_C(1795428330) * SEC + SEC / 2)

static const struct datetime_view view = { .now_ns = NOW };

static void
set_zone(const char *name)
{
	assert_int_equal(setenv("TZ", name, 1), 0);
	tzset();
}

static struct datetime
read_time(const char *text, const struct datetime_view *v)
{
	struct flowd_error err;
	struct datetime d;

	if (datetime_parse(text, v, &d, &err) != 0)
		fail_msg("%s", err.text);
	return d;
}

/* Both ends in seconds, the last one included; and again. */
static void
assert_twice(const char *text, const struct datetime_view *v, int64_t first,
    int64_t last, int64_t again_first, int64_t again_last)
{
	struct datetime d = read_time(text, v);

	if (d.first_ns != first * SEC || d.last_ns != (last + 1) * SEC - 1 ||
	    d.again_first_ns != again_first * SEC ||
	    d.again_last_ns != (again_last + 1) * SEC - 1)
		fail_msg("%s: %lld to %lld, %lld to %lld", text,
		    (long long)(d.first_ns / SEC),
		    (long long)(d.last_ns / SEC),
		    (long long)(d.again_first_ns / SEC),
		    (long long)(d.again_last_ns / SEC));
}

static void
assert_once(const char *text, int64_t first, int64_t last)
{
	assert_twice(text, &view, first, last, first, last);
}

/* Times as text, and what each names: its first and its last second. */
struct named_time {
	const char *text;
	int64_t first, last;
};

static void
assert_each(const struct named_time *times, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_once(times[i].text, times[i].first, times[i].last);
}

#define ASSERT_EACH(times) assert_each(times, sizeof(times) / sizeof(*(times)))

static void
times_name_as_much_as_they_say(void **unused)
{
	static const struct named_time times[] = {
		{ "2026", 1767225600, 1798761599 },
		{ "2026-11", 1793491200, 1796083199 },
		{ "2024-02", 1706745600, 1709251199 },
		{ "2026-11-23", 1795392000, 1795478399 },
		{ "20261123", 1795392000, 1795478399 },
		{ "2026-12-31", 1798675200, 1798761599 },
		{ "2026-11-23T10", 1795428000, 1795431599 },
		{ "2026112310", 1795428000, 1795431599 },
		{ "2026-11-23 10:30", 1795429800, 1795429859 },
		{ "2026-11-23t9:30", 1795426200, 1795426259 },
		{ "202611231030", 1795429800, 1795429859 },
		{ "2026-11-23T10:30:05", 1795429805, 1795429805 },
		{ "20261123103005", 1795429805, 1795429805 },
		{ "20261123T103005Z", 1795429805, 1795429805 },
		{ "20261123T1030", 1795429800, 1795429859 },
		{ "2026-11-23T10:30:05Z", 1795429805, 1795429805 },
		{ "2026-11-23T24:00", 1795478400, 1795478459 },
		{ "1970", 0, 31535999 },
		{ "2261-12-31", 9214560000, 9214646399 },
	};

	(void)unused;
	set_zone("UTC");
	ASSERT_EACH(times);
}

static void
offsets_go_before_the_zone(void **unused)
{
	static const struct named_time times[] = {
		{ "2026-11-23T20:30", 1795429800, 1795429859 },
		{ "2026-11-23T10:30Z", 1795429800, 1795429859 },
		{ "2026-11-23T10:30z", 1795429800, 1795429859 },
		{ "2026-11-23T10:30+01:00", 1795426200, 1795426259 },
		{ "2026-11-23T10:30+0100", 1795426200, 1795426259 },
		{ "2026-11-23T10:30+01", 1795426200, 1795426259 },
		{ "2026-11-23T10-0530", 1795447800, 1795451399 },
		{ "20261123T100000-0530", 1795447800, 1795447800 },
		{ "20:30", 1795429800, 1795429859 },
		{ "10:30Z", 1795429800, 1795429859 },
		/* It is the 23rd in both. */
		{ "9:30+01:00", 1795422600, 1795422659 },
	};

	(void)unused;
	set_zone("AEST-10");
	ASSERT_EACH(times);
	assert_twice("10:30", &(struct datetime_view){ .now_ns = NOW,
	    .utc = true }, 1795429800, 1795429859, 1795429800, 1795429859);
	set_zone("UTC");
}

static void
seconds_since_1970_are_no_date(void **unused)
{
	(void)unused;
	set_zone("AEST-10");
	assert_once("@1795428000", 1795428000, 1795428000);
	assert_once("@0", 0, 0);
	assert_once("@2026112310", 2026112310, 2026112310);
	/* No year of flows. */
	assert_once("1795428000", 1795428000, 1795428000);
	assert_once("1969999999", 1969999999, 1969999999);
	/* It may be a date, and is one. */
	assert_once("1970010110", 0, 3599);
	set_zone("UTC");
	assert_int_equal(read_time("@1795428000.25", &view).first_ns,
	    INT64_C(1795428000250000000));
	assert_int_equal(read_time("1795428000.25", &view).last_ns,
	    INT64_C(1795428000259999999));
}

static void
fractions_of_a_second_are_named(void **unused)
{
	struct datetime d = read_time("2026-11-23T10:30:05.25Z", &view);

	(void)unused;
	assert_int_equal(d.first_ns, INT64_C(1795429805250000000));
	assert_int_equal(d.last_ns, INT64_C(1795429805259999999));
	assert_int_equal(d.begin_late_ns, d.first_ns);
	d = read_time("2026-11-23T10:30:05.000000001Z", &view);
	assert_int_equal(d.first_ns, d.last_ns);
	d = read_time("10:30:05.5", &view);
	assert_int_equal(d.first_ns, INT64_C(1795429805500000000));
}

static void
times_may_hang_on_now(void **unused)
{
	const struct datetime_view none = { .now_ns = 0 };
	struct flowd_error err;
	struct datetime d;

	(void)unused;
	assert_int_equal(read_time("now", &view).first_ns, NOW);
	assert_int_equal(read_time("now", &view).last_ns, NOW);
	assert_int_equal(read_time("-15m", &view).first_ns, NOW - 900 * SEC);
	assert_int_equal(read_time("-1.5h", &view).first_ns, NOW - 5400 * SEC);
	assert_int_equal(read_time("-250ms", &view).first_ns, NOW - SEC / 4);
	assert_int_equal(
	    read_time("-1w2d3h", &view).first_ns, NOW - 788400 * SEC);
	assert_once("today", 1795392000, 1795478399);
	assert_once("yesterday", 1795305600, 1795391999);
	assert_once("tomorrow", 1795478400, 1795564799);
	for (const char *const *text = (const char *const[]){ "now", "today",
		 "-15m", "10:00", "9:00Z", NULL }; *text != NULL; text++)
		assert_int_equal(
		    datetime_parse(*text, &none, &d, &err), FLOWD_EINVAL);
	assert_int_equal(datetime_parse("2026-11-23", &none, &d, &err), 0);
}

static void
an_end_may_hang_on_the_start(void **unused)
{
	struct datetime start = read_time("2026-11-01T22:00", &view), d;
	const struct datetime_view end = { .now_ns = NOW, .start = &start };
	struct flowd_error err;

	(void)unused;
	assert_int_equal(read_time("+1h", &end).first_ns,
	    start.first_ns + 3600 * SEC);
	assert_int_equal(read_time("23:00", &end).first_ns,
	    start.first_ns + 3600 * SEC);
	assert_int_equal(datetime_parse("+1h", &view, &d, &err), FLOWD_EINVAL);
	assert_non_null(strstr(err.text, "there is none"));
}

/* Set back at 01:00Z, from 03:00 to 02:00, on 2026-10-25. */
#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"
#define BACK INT64_C(1792890000)

static void
what_comes_twice_is_named_twice(void **unused)
{
	struct datetime d;

	(void)unused;
	set_zone(BERLIN);
	/* The hour in one piece, its minutes in two. */
	assert_once("2026-10-25T02", BACK - 3600, BACK + 3599);
	d = read_time("2026-10-25T02", &view);
	assert_int_equal(d.begin_late_ns, BACK * SEC);
	assert_twice("2026-10-25T02:30", &view, BACK - 1800, BACK - 1741,
	    BACK + 1800, BACK + 1859);
	assert_twice("2026-10-25T02:59", &view, BACK - 60, BACK - 1,
	    BACK + 3540, BACK + 3599);
	assert_twice("20261025023000", &view, BACK - 1800, BACK - 1800,
	    BACK + 1800, BACK + 1800);
	assert_int_equal(read_time("2026-10-25T02:30:00.5", &view)
			     .again_first_ns, (BACK + 1800) * SEC + SEC / 2);
	/* Its neighbours once. */
	assert_once("2026-10-25T01", BACK - 7200, BACK - 3601);
	assert_once("2026-10-25T03", BACK + 3600, BACK + 7199);
	/* With an offset there is one. */
	assert_once("2026-10-25T02:30+02:00", BACK - 1800, BACK - 1741);
	assert_once("2026-10-25T02:30+01:00", BACK + 1800, BACK + 1859);
	/* 25 hours */
	assert_once("2026-10-25", BACK - 10800, BACK + 79199);
	set_zone("UTC");
}

/* Set forward at 01:00Z, from 02:00 to 03:00, on 2026-03-29. */
#define FORWARD INT64_C(1774746000)

static void
what_is_skipped_is_empty(void **unused)
{
	(void)unused;
	set_zone(BERLIN);
	assert_once("2026-03-29T02", FORWARD, FORWARD - 1);
	assert_once("2026-03-29T02:30", FORWARD, FORWARD - 1);
	assert_true(read_time("2026-03-29T02:30", &view).skipped);
	assert_once("2026-03-29T02:30:05.5", FORWARD, FORWARD - 1);
	assert_once("2026-03-29T01", FORWARD - 3600, FORWARD - 1);
	assert_once("2026-03-29T03", FORWARD, FORWARD + 3599);
	assert_once("2026-03-29", FORWARD - 7200, FORWARD + 75599);
	assert_false(read_time("2026-03-29T03", &view).skipped);
	set_zone("UTC");
}

/* By less than an hour, over midnight, and by two hours. */
static void
clocks_are_set_in_many_ways(void **unused)
{
	(void)unused;
	/* 15:00Z, 02:00 to 01:30 */
	set_zone("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0");
	assert_once("2026-04-05T01", 1775311200, 1775316599);
	assert_twice("2026-04-05T01:45", &view, 1775313900, 1775313959,
	    1775315700, 1775315759);
	/* 03:00Z, midnight to 23:00 of the day before, which is longer */
	set_zone("<-04>4<-03>,M9.1.6/24,M4.1.6/24");
	assert_once("2026-04-04", 1775271600, 1775361599);
	assert_once("2026-04-05", 1775361600, 1775447999);
	/* 01:00Z, 03:00 to 01:00 */
	set_zone("<+00>0<+02>-2,M3.5.0/1,M10.5.0/3");
	assert_twice("2026-10-25T01", &view, BACK - 7200, BACK - 3601,
	    BACK, BACK + 3599);
	set_zone("UTC");
}

static void
days_of_a_span_are_those_of_the_calendar(void **unused)
{
	struct datetime start;
	struct datetime_view end = { .now_ns = NOW, .start = &start };
	struct datetime_view monday = { .now_ns = (BACK + 86400) * SEC };

	(void)unused;
	set_zone(BERLIN);
	start = read_time("2026-10-25", &view);
	assert_int_equal(read_time("+1d", &end).first_ns,
	    (BACK + 79200) * SEC);
	assert_int_equal(read_time("+24h", &end).first_ns,
	    (BACK + 75600) * SEC);
	assert_int_equal(read_time("-1d", &monday).again_first_ns, BACK * SEC);
	/* 02:00 comes twice there. */
	assert_int_equal(read_time("-1d", &monday).first_ns,
	    (BACK - 3600) * SEC);
	start = read_time("2026-03-29", &view);
	assert_int_equal(read_time("+1d", &end).first_ns,
	    (FORWARD + 75600) * SEC);
	/* An offset has no summer time. */
	start = read_time("2026-10-25T00:00+02:00", &view);
	assert_int_equal(read_time("+1d", &end).first_ns,
	    (BACK + 75600) * SEC);
	set_zone("UTC");
}

static void
what_is_no_time_is_refused(void **unused)
{
	static const char *const wrong[] = { "", "x", "26", "202", "20261",
		"2026-", "2026-1", "2026-13", "2026-00", "2026-11-32",
		"2026-02-29", "20260230", "2026-11-23T", "2026-11-23T24",
		"2026-11-23T24:01", "2026-11-23T10:60", "2026-11-23T10:30:60",
		"2026-11-23Z", "2026-11-23T10:30Zx", "2026-11-23T10:30ZZ",
		"2026-11-23T10:30+15:00", "2026-11-23T10:30+1", "2026-1123",
		"2026112", "2026-11-23T10:30:05.", "2026-11-23T10:30.5",
		"2026-11-23T10:30:05.1234567890", "2026/11/23",
		"20261123103005123", "2026112310.5", "2026139910",
		"1795428000000", "179542800", "1969", "2262", "1969-12-31",
		"22610101000060", "@", "@x", "@1.", "@-1", "@99999999999",
		"-", "-5", "-5x", "-m", "--1h", "+1h", "-99999999999w",
		"-100w-", "-9999w", "5m", "10", "10:", "10:0", "25:00",
		"T10:00", "10:00x", "10:00-05:00", "9:00-10:00", "nowx",
		"NOW", "today 10:00" };
	struct flowd_error err;
	struct datetime d;

	(void)unused;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		err.text[0] = '\0';
		if (datetime_parse(wrong[i], &view, &d, &err) !=
		    FLOWD_EINVAL)
			fail_msg("\"%s\" is taken", wrong[i]);
		if (err.text[0] == '\0')
			fail_msg("\"%s\": no word", wrong[i]);
	}
}

static void
classic_dates_have_a_30th_of_february(void **unused)
{
	const struct datetime_view classic = { .classic = true };
	struct datetime d = read_time("20260230", &classic);

	(void)unused;
	assert_int_equal(d.first_ns, read_time("20260302", &view).first_ns);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_name_as_much_as_they_say),
		cmocka_unit_test(offsets_go_before_the_zone),
		cmocka_unit_test(seconds_since_1970_are_no_date),
		cmocka_unit_test(fractions_of_a_second_are_named),
		cmocka_unit_test(times_may_hang_on_now),
		cmocka_unit_test(an_end_may_hang_on_the_start),
		cmocka_unit_test(what_comes_twice_is_named_twice),
		cmocka_unit_test(what_is_skipped_is_empty),
		cmocka_unit_test(clocks_are_set_in_many_ways),
		cmocka_unit_test(days_of_a_span_are_those_of_the_calendar),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(classic_dates_have_a_30th_of_february),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
