/* How often a kind of message is written: flowd/log/ratelimit.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ratelimit.h"

static void
a_burst_passes_and_the_rest_is_counted(void **state)
{
	struct ratelimit r = { .written = 0 };
	unsigned passed = 0;

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		passed += ratelimit_pass(&r, 5, 1000 + i / 10);
	assert_int_equal(passed, 5);
	assert_int_equal(r.withheld, 95);
	assert_int_equal(ratelimit_left(&r, 60, 1010), 50);
	assert_int_equal(ratelimit_end(&r, 60, 1059), 0);
	assert_int_equal(ratelimit_left(&r, 60, 1070), 0);
	assert_int_equal(ratelimit_end(&r, 60, 1060), 95);
	assert_int_equal(ratelimit_left(&r, 60, 1060), -1);
	assert_true(ratelimit_pass(&r, 5, 1060));
}

static void
few_messages_leave_nothing_to_tell(void **state)
{
	struct ratelimit r = { .written = 0 };

	(void)state;
	for (int64_t now = 0; now < 10000; now += 20) {
		assert_int_equal(ratelimit_end(&r, 60, now), 0);
		assert_true(ratelimit_pass(&r, 3, now));
		assert_int_equal(ratelimit_left(&r, 60, now), -1);
	}
}

/* A flood of a day is a few lines an hour, and every message is counted. */
static void
a_flood_is_told_at_a_bounded_rate(void **state)
{
	struct ratelimit r = { .written = 0 };
	uint64_t lines = 0, counted = 0, all = 0;

	(void)state;
	for (int64_t now = 5; now < 86405; now++) {
		for (unsigned i = 0; i < 50; i++, all++) {
			uint64_t n = ratelimit_end(&r, 60, now);
			bool passed = ratelimit_pass(&r, 5, now);

			lines += passed + (n > 0);
			counted += passed + n;
		}
	}
	assert_true(lines <= 1440 * 6);
	assert_true(counted + r.withheld == all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_passes_and_the_rest_is_counted),
		cmocka_unit_test(few_messages_leave_nothing_to_tell),
		cmocka_unit_test(a_flood_is_told_at_a_bounded_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
