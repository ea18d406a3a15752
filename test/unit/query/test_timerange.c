/* Ranges of time as they are written on a command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "timerange.h"

/* 2026-11-23T10:05:30Z */
#define NOW (INT64_C(1795428330) * 1000000000)
#define SEC INT64_C(1000000000)
#define NONE_BEFORE INT64_MIN
#define NONE_AFTER INT64_MAX

static void
assert_range(const char *text, int64_t after, int64_t before)
{
	struct flowd_error err = { .text = "" };
	struct timerange r;

	if (timerange_parse(text, NOW, false, &r, &err) != 0)
		fail_msg("%s: %s", text, err.text);
	if (r.after_ns != after || r.before_ns != before)
		fail_msg("%s: %lld to %lld", text,
		    (long long)(r.after_ns / SEC),
		    (long long)(r.before_ns / SEC));
}

static void
timerange_has_a_start_an_end_or_both(void **unused)
{
	const int64_t ten = INT64_C(1795428000) * SEC;

	(void)unused;
	assert_range("2026-11-23T10:00", ten, NONE_AFTER);
	assert_range("2026-11-23T10:00:07Z", ten + 7 * SEC, NONE_AFTER);
	assert_range("2026-11-23T10:00:07.250Z", ten + 7 * SEC + SEC / 4,
	    NONE_AFTER);
	assert_range("2026-11-23T10:00:00.000000001,+1s", ten + 1,
	    ten + 1 + SEC);
	assert_range("2026-11-23T10:00,2026-11-23T11:00", ten,
	    ten + 3600 * SEC);
	assert_range(",2026-11-23T10:00", NONE_BEFORE, ten);
	assert_range("2026-11-23", ten - 36000 * SEC, NONE_AFTER);
	assert_range("2026-11-23T10:00,+1h", ten, ten + 3600 * SEC);
	assert_range("2026-11-23T10:00,+1h30m5s", ten, ten + 5405 * SEC);
	assert_range("2026-11,2026-12", ten - (22 * 86400 + 36000) * SEC,
	    ten + (8 * 86400 - 36000) * SEC);
	assert_range("2026-11-23T10,20261123110000Z", ten, ten + 3600 * SEC);
	assert_range("1795428000,@1795431600.5", ten,
	    ten + 3600 * SEC + SEC / 2);
	assert_range("9:00,12:00+02:00", ten - 3600 * SEC, ten);
	assert_range("-1.5h,now", NOW - 5400 * SEC, NOW);
	assert_range("2026-11-23,+1w2d", ten - 36000 * SEC,
	    ten + (9 * 86400 - 36000) * SEC);
}

static void
timerange_may_hang_on_now(void **unused)
{
	(void)unused;
	assert_range("-15m", NOW - 900 * SEC, NONE_AFTER);
	assert_range("-15m,now", NOW - 900 * SEC, NOW);
	assert_range("-2h,-1h", NOW - 7200 * SEC, NOW - 3600 * SEC);
	assert_range("-2h,+30m", NOW - 7200 * SEC, NOW - 5400 * SEC);
	assert_range("now", NOW, NONE_AFTER);
	assert_range("today", NOW - 36330 * SEC, NONE_AFTER);
	assert_range("yesterday,today", NOW - 122730 * SEC, NOW - 36330 * SEC);
	assert_range(",today", NONE_BEFORE, NOW - 36330 * SEC);
}

static void
timerange_has_a_day_where_no_date_is(void **unused)
{
	const int64_t ten = INT64_C(1795428000) * SEC, day = 86400 * SEC;

	(void)unused;
	assert_range("10:00", ten, NONE_AFTER);
	assert_range("10:00:07.5Z,11:00", ten + 15 * SEC / 2,
	    ten + 3600 * SEC);
	assert_range(",11:00", NONE_BEFORE, ten + 3600 * SEC);
	assert_range("11:00,+1h", ten + 3600 * SEC, ten + 7200 * SEC);
	assert_range("2026-11-01T10:00,11:00", ten - 22 * day,
	    ten - 22 * day + 3600 * SEC);
	assert_range("2026-10-31,24:00", ten - 36000 * SEC - 23 * day,
	    ten - 36000 * SEC - 22 * day);
	assert_range("yesterday,09:00", ten - 36000 * SEC - day,
	    ten - 3600 * SEC - day);
}

static void
timerange_is_in_local_time(void **unused)
{
	struct timerange r;

	(void)unused;
	assert_int_equal(setenv("TZ", "AEST-10", 1), 0);
	tzset();
	assert_range("2026-11-23T20:00", INT64_C(1795428000) * SEC, NONE_AFTER);
	assert_range("2026-11-23T10:00Z", INT64_C(1795428000) * SEC,
	    NONE_AFTER);
	/* It is five past eight in the evening there. */
	assert_range("today", NOW - 72330 * SEC, NONE_AFTER);
	assert_range("20:00", INT64_C(1795428000) * SEC, NONE_AFTER);
	assert_range("10:00Z", INT64_C(1795428000) * SEC, NONE_AFTER);
	/* Of the day of the start in UTC, which is the one before here. */
	assert_range("2026-11-24T01:00,16:00Z", INT64_C(1795446000) * SEC,
	    INT64_C(1795449600) * SEC);
	assert_int_equal(timerange_parse("2026-11-23T10:00", NOW, true, &r,
	    NULL), 0);
	assert_true(r.after_ns == INT64_C(1795428000) * SEC);
	assert_int_equal(setenv("TZ", "UTC", 1), 0);
	tzset();
}

/*
 * At 01:00Z of 2026-10-25 clocks are set back from 03:00 to 02:00, and on
 * 2026-03-29 forward.
 */
static void
timerange_leaves_nothing_out_where_clocks_are_set(void **unused)
{
	const int64_t back = INT64_C(1792890000), forward = INT64_C(1774746000);

	(void)unused;
	assert_int_equal(setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1), 0);
	tzset();
	assert_range("2026-10-25T02:00,2026-10-25T03:00",
	    (back - 3600) * SEC, (back + 3600) * SEC);
	assert_range("2026-10-25T02:15,2026-10-25T02:45",
	    (back - 2700) * SEC, (back + 2700) * SEC);
	/* From summer to winter. */
	assert_range("2026-10-25T02:45,2026-10-25T02:15",
	    (back - 900) * SEC, (back + 900) * SEC);
	assert_range("2026-10-25T02:00+02:00,2026-10-25T02:00+01:00",
	    (back - 3600) * SEC, back * SEC);
	assert_range(",2026-10-25T02", NONE_BEFORE, back * SEC);
	assert_range("2026-10-25,2026-10-26", (back - 10800) * SEC,
	    (back + 79200) * SEC);
	assert_range("2026-10-25,+1d", (back - 10800) * SEC,
	    (back + 79200) * SEC);
	assert_range("2026-10-25,24:00", (back - 10800) * SEC,
	    (back + 79200) * SEC);
	assert_range("2026-10-25,+24h", (back - 10800) * SEC,
	    (back + 75600) * SEC);
	assert_range("2026-03-29T02:00,2026-03-29T03:00", forward * SEC,
	    forward * SEC);
	assert_range("2026-03-29T02:10,2026-03-29T02:50", forward * SEC,
	    forward * SEC);
	assert_range("2026-03-29T01:30,2026-03-29T02:30",
	    (forward - 1800) * SEC, forward * SEC);
	assert_range("2026-03-29T02:30,+1h", forward * SEC,
	    (forward + 3600) * SEC);
	assert_int_equal(setenv("TZ", "UTC", 1), 0);
	tzset();
}

static void
timerange_offers_what_it_takes(void **unused)
{
	struct flowd_error err = { .text = "" };
	struct timerange r;

	(void)unused;
	assert_int_equal(
	    timerange_parse(",+1h", NOW, false, &r, &err), FLOWD_EINVAL);
	assert_null(strstr(err.text, "now"));
	assert_int_equal(
	    timerange_parse(",x", NOW, false, &r, &err), FLOWD_EINVAL);
	assert_null(strstr(err.text, "+1h"));
	for (const char *const *text = (const char *const[]){ "9:00-10:00",
		 "9:00 10:00", "9:00..10:00", "9:00 - 10:00",
		 "2026-11-23-2026-11-24", NULL }; *text != NULL; text++) {
		assert_int_equal(timerange_parse(*text, NOW, false, &r, &err),
		    FLOWD_EINVAL);
		if (strstr(err.text, "have a comma between: ") == NULL)
			fail_msg("%s", err.text);
	}
	assert_int_equal(timerange_parse("2026-11-23:10:00", NOW, false, &r,
	    &err), FLOWD_EINVAL);
	assert_null(strstr(err.text, "comma"));
	assert_int_equal(
	    timerange_parse("now,x", NOW, false, &r, &err), FLOWD_EINVAL);
	assert_non_null(strstr(err.text, "+1h"));
}

static void
timerange_refuses_what_makes_no_sense(void **unused)
{
	static const char long_fraction[] =
	    "2026-11-23T10:00:00.0000000000000000000000000000000000000000"
	    "00000000000000000000000000000000000000000000000000000000";
	static const char *const texts[] = { "", ",", "x", "5m", "+5m", "-",
		"-5", "2026-13-01", "2026-02-31", "today,yesterday",
		"now,now", "now,+0s", ",+5m", "now,+5m,+6m", "now+,5m",
		"1969-01-01", "10", "11:00,10:00", "9:00-10:00",
		"yesterday,10:00Z-", "2026-11-23T10:00:00.1234567890",
		long_fraction };
	struct timerange r;

	(void)unused;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct flowd_error err = { .text = "" };

		if (timerange_parse(texts[i], NOW, false, &r, &err) !=
		    FLOWD_EINVAL)
			fail_msg("%s is taken", texts[i]);
		assert_true(err.text[0] != '\0');
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(timerange_has_a_start_an_end_or_both),
		cmocka_unit_test(timerange_may_hang_on_now),
		cmocka_unit_test(timerange_has_a_day_where_no_date_is),
		cmocka_unit_test(timerange_is_in_local_time),
		cmocka_unit_test(
		    timerange_leaves_nothing_out_where_clocks_are_set),
		cmocka_unit_test(timerange_offers_what_it_takes),
		cmocka_unit_test(timerange_refuses_what_makes_no_sense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
