/* When segments begin and end: flowd/logs/rotation.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "rotation.h"

enum { T = 1795428300 }; /* 2026-11-23T10:05:00Z */

static void
segments_end_with_the_minutes_of_the_clock(void **state)
{
	(void)state;
	assert_int_equal(rotation_end(T, 300), T + 300);
	assert_int_equal(rotation_end(T + 1, 300), T + 300);
	assert_int_equal(rotation_end(T + 299, 300), T + 300);
	assert_int_equal(rotation_end(T, 1), T + 1);
	assert_int_equal(rotation_end(T, 3600), T - 300 + 3600);
	assert_int_equal(rotation_end(T, 86400), T / 86400 * 86400 + 86400);
	assert_false(rotation_due(T + 1, 300, T + 299));
	assert_true(rotation_due(T + 1, 300, T + 300));
}

static void
segments_begin_where_the_one_before_ends(void **state)
{
	(void)state;
	/* The first one begins when flowd does. */
	assert_int_equal(rotation_start(0, 300, T + 17), T + 17);
	/* Late by two seconds, and by more than a segment. */
	assert_int_equal(rotation_start(T + 17, 300, T + 302), T + 300);
	assert_int_equal(rotation_start(T + 17, 300, T + 1000), T + 900);
	/* Asked for in between, and in the same second. */
	assert_int_equal(rotation_start(T, 300, T + 17), T + 17);
	assert_int_equal(rotation_start(T + 17, 300, T + 17), T + 17);
}

static void
a_clock_that_is_set_back_is_followed(void **state)
{
	(void)state;
	assert_false(rotation_due(T, 300, T - ROTATION_BACK_SEC));
	assert_true(rotation_due(T, 300, T - ROTATION_BACK_SEC - 1));
	assert_int_equal(rotation_start(T, 300, T - 1000), T - 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(segments_end_with_the_minutes_of_the_clock),
		cmocka_unit_test(segments_begin_where_the_one_before_ends),
		cmocka_unit_test(a_clock_that_is_set_back_is_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
