/* Clock offsets: exact times, whole seconds, clocks that are set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clock_offset.h"

static const int64_t s_ns = 1000000000, ms_ns = 1000000;

static void
clock_offset_of_exact_times_is_exact(void **unused)
{
	struct clock_offset o = { 0 };

	(void)unused;
	clock_offset_note(&o, 100 * s_ns + 1, false, 100 * s_ns + 3);
	assert_int_equal(clock_offset_certain(&o), -2);
	clock_offset_note(&o, 105 * s_ns + 3, false, 100 * s_ns);
	assert_int_equal(clock_offset_certain(&o), 5 * s_ns + 3);
	assert_int_equal(o.least_ns, o.most_ns);
}

static void
clock_offset_of_whole_seconds_may_be_nothing(void **unused)
{
	struct clock_offset o = { 0 };

	(void)unused;
	for (int64_t ms = 0; ms < 5000; ms += 137) {
		clock_offset_note(&o, (100 + ms / 1000) * s_ns, true,
		    100 * s_ns + ms * ms_ns);
		assert_int_equal(clock_offset_certain(&o), 0);
	}
	assert_true(o.most_ns - o.least_ns < 300 * ms_ns);
}

static void
clock_offset_of_whole_seconds_is_narrowed(void **unused)
{
	const int64_t offsets[] = { 1500, 300, -300, -7200000, 86400000 };

	(void)unused;
	for (int i = 0; i < 5; i++) {
		struct clock_offset o = { 0 };

		for (int64_t ms = 0; ms < 60000; ms += 137) {
			int64_t at = INT64_C(1000000000) + ms + offsets[i];

			clock_offset_note(&o, at / 1000 * s_ns, true,
			    (INT64_C(1000000000) + ms) * ms_ns);
		}
		assert_in_range(
		    (clock_offset_certain(&o) - offsets[i] * ms_ns) / ms_ns +
			20,
		    0, 40);
	}
}

static void
clock_offset_is_made_anew_when_a_clock_is_set(void **unused)
{
	struct clock_offset o = { 0 };

	(void)unused;
	for (int64_t ms = 0; ms < 5000; ms += 137)
		clock_offset_note(&o, (100 + ms / 1000) * s_ns, true,
		    100 * s_ns + ms * ms_ns);
	clock_offset_note(&o, 50 * s_ns, true, 106 * s_ns);
	assert_int_equal(clock_offset_certain(&o), -55 * s_ns);
	clock_offset_note(&o, 107 * s_ns, true, 107 * s_ns);
	assert_int_equal(clock_offset_certain(&o), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clock_offset_of_exact_times_is_exact),
		cmocka_unit_test(clock_offset_of_whole_seconds_may_be_nothing),
		cmocka_unit_test(clock_offset_of_whole_seconds_is_narrowed),
		cmocka_unit_test(clock_offset_is_made_anew_when_a_clock_is_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
