/* What the clocks of a zone show, and when: civil.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "civil.h"

static const struct zone utc = { false, 0 }, local = { true, 0 };

/* Central Europe, by its rules: the tests need no zone files. */
static int
setup(void **state)
{
	(void)state;
	(void)setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	return 0;
}

static void
days_count_from_1970(void **state)
{
	(void)state;
	assert_int_equal(civil_days(1970, 1, 1), 0);
	assert_int_equal(civil_days(1969, 12, 31), -1);
	assert_int_equal(civil_days(2000, 3, 1), 11017);
	assert_int_equal(civil_days(2024, 2, 29) + 1, civil_days(2024, 3, 1));
}

static void
zones_have_an_offset(void **state)
{
	const struct zone east = { false, 5400 };

	(void)state;
	assert_int_equal(civil_at(utc, 1000), 1000);
	assert_int_equal(civil_at(east, 1000), 6400);
	assert_int_equal(civil_instants(east, 6400).early_sec, 1000);
}

static void
a_time_occurs_twice_when_clocks_are_set_back(void **state)
{
	/* 2026-10-25 02:30 in local time. */
	int64_t civil = civil_days(2026, 10, 25) * 86400 + 9000;
	struct instants at = civil_instants(local, civil);
	struct stretch s[2];

	(void)state;
	assert_false(at.skipped);
	assert_int_equal(at.late_sec - at.early_sec, 3600);
	assert_int_equal(civil_at(local, at.early_sec), civil);
	assert_int_equal(civil_at(local, at.late_sec), civil);
	assert_int_equal(civil_stretches(local, civil, civil + 60, s), 2);
	assert_int_equal(s[0].from_sec, at.early_sec);
	assert_int_equal(s[1].from_sec, at.late_sec);
}

static void
a_time_is_skipped_when_clocks_are_set_forward(void **state)
{
	/* 2026-03-29 02:30 in local time. */
	int64_t civil = civil_days(2026, 3, 29) * 86400 + 9000;
	struct instants at = civil_instants(local, civil);
	struct stretch s[2];

	(void)state;
	assert_true(at.skipped);
	assert_int_equal(civil_at(local, at.early_sec),
	    civil_days(2026, 3, 29) * 86400 + 10800);
	assert_int_equal(civil_stretches(local, civil, civil + 60, s), 1);
	assert_true(s[0].from_sec >= s[0].to_sec);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_count_from_1970),
		cmocka_unit_test(zones_have_an_offset),
		cmocka_unit_test(a_time_occurs_twice_when_clocks_are_set_back),
		cmocka_unit_test(
		    a_time_is_skipped_when_clocks_are_set_forward),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
