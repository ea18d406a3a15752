/* Timeouts of poll(2), and clocks: flowd/os/clock.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "clock.h"

static void
the_shorter_timeout_counts_and_minus_one_is_none(void **state)
{
	static const struct {
		int a, b, least;
	} rows[] = { { 1, 2, 1 }, { 2, 1, 1 }, { 0, 5, 0 }, { -1, 5, 5 },
		{ 5, -1, 5 }, { -1, 0, 0 }, { -1, -1, -1 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
		    timeout_min(rows[i].a, rows[i].b), rows[i].least);
}

static void
milliseconds_and_nanoseconds_are_of_one_clock(void **state)
{
	int64_t before_ms = clock_monotonic_ms();
	int64_t ns = clock_monotonic_ns();
	int64_t after_ms = clock_monotonic_ms();

	(void)state;
	assert_true(before_ms <= ns / 1000000 && ns / 1000000 <= after_ms);
	/* 2020-01-01: the wall clock counts from 1970. */
	assert_true(clock_real_ns() > INT64_C(1577836800000000000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_shorter_timeout_counts_and_minus_one_is_none),
		cmocka_unit_test(
		    milliseconds_and_nanoseconds_are_of_one_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
