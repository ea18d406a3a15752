/* Progress of those who are sent to: flowd/ipc/stall.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stall.h"

static struct stall p, q;

static bool
stall_yields(const struct stall *s, int64_t now_ms)
{
	struct stall_worst worst = { NULL, NULL };

	stall_compare(&worst, s, &worst, now_ms);
	return stall_victim(&worst, now_ms) == &worst;
}

static bool
is_worse(const struct stall *a, const struct stall *b, int64_t now_ms)
{
	struct stall_worst worst = { NULL, NULL };

	stall_compare(&worst, b, NULL, now_ms);
	stall_compare(&worst, a, NULL, now_ms);
	return worst.stall == a;
}

static void
who_waits_for_nothing_is_never_late(void **state)
{
	(void)state;
	stall_begin(&p, 100, 0);
	assert_int_equal(stall_end_ms(&p), -1);
	assert_false(stall_yields(&p, 1000000));
	stall_update(&p, 200, false, 500000);
	assert_int_equal(stall_end_ms(&p), -1);
}

/* Not with what was before. */
static void
time_begins_when_something_waits(void **state)
{
	(void)state;
	stall_begin(&p, 0, 0);
	stall_update(&p, 0, true, 500000);
	assert_int_equal(stall_end_ms(&p), 500000 + STALL_MS);
	assert_false(stall_yields(&p, 500000));
	assert_true(stall_yields(&p, 500000 + STALL_YIELD_MS));
}

static void
who_takes_some_has_time_again(void **state)
{
	int64_t now = 0;

	(void)state;
	stall_begin(&p, 0, 0);
	stall_update(&p, 0, true, 0);
	for (int i = 1; i < 1000; i++) {
		now += STALL_MS - 1;
		stall_update(&p, i, true, now);
		assert_int_equal(stall_end_ms(&p), now + STALL_MS);
	}
	/* What the system needs itself may make it less. */
	stall_update(&p, 500, true, now + 5);
	stall_update(&p, 999, true, now + 6);
	assert_int_equal(stall_end_ms(&p), now + STALL_MS);
}

static void
the_longest_stalled_is_the_worst(void **state)
{
	(void)state;
	stall_begin(&p, 0, 0);
	stall_begin(&q, 0, 0);
	stall_update(&p, 0, true, 0);
	stall_update(&q, 0, true, 100);
	assert_true(is_worse(&p, &q, 2000));
	assert_false(is_worse(&q, &p, 2000));
	stall_update(&p, 1, true, 1900);
	assert_true(is_worse(&q, &p, 2000));
}

/* Its line is so: it has come back before. */
static void
who_has_waited_as_long_before_has_not_stalled(void **state)
{
	(void)state;
	stall_begin(&p, 0, 0);
	stall_update(&p, 0, true, 0);
	stall_update(&p, 1, true, 2000);
	assert_false(stall_yields(&p, 4900));
	stall_begin(&q, 0, 3000);
	stall_update(&q, 0, true, 3000);
	assert_true(is_worse(&q, &p, 4500));
	assert_true(stall_yields(&p, 6001));
}

/* And nobody gives way before it has had its second. */
static void
who_has_just_begun_is_waited_for(void **state)
{
	(void)state;
	stall_begin(&p, 0, 0);
	stall_update(&p, 0, true, 0);
	for (int64_t now = 500; now <= 10000; now += 500)
		stall_update(&p, now, true, now);
	stall_begin(&q, 0, 9500);
	stall_update(&q, 0, true, 9500);
	assert_true(is_worse(&q, &p, 10000));
	assert_false(stall_yields(&q, 10000));
	assert_true(stall_yields(&p, 10000));
}

/* None has stalled: it is the slowest, once it has been so for a while. */
static void
the_slowest_is_the_worst(void **state)
{
	(void)state;
	stall_begin(&p, 0, 0);
	stall_begin(&q, 0, 0);
	for (int64_t now = 0; now <= STALL_BEHIND_MS; now += 500) {
		stall_update(&p, 10 * now, true, now);
		stall_update(&q, now, true, now);
		assert_int_equal(
		    stall_yields(&q, now), now >= STALL_BEHIND_MS);
	}
	assert_true(is_worse(&q, &p, STALL_BEHIND_MS));
	assert_false(is_worse(&p, &q, STALL_BEHIND_MS));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_waits_for_nothing_is_never_late),
		cmocka_unit_test(time_begins_when_something_waits),
		cmocka_unit_test(who_takes_some_has_time_again),
		cmocka_unit_test(the_longest_stalled_is_the_worst),
		cmocka_unit_test(who_has_waited_as_long_before_has_not_stalled),
		cmocka_unit_test(who_has_just_begun_is_waited_for),
		cmocka_unit_test(the_slowest_is_the_worst),
	};

	return cmocka_run_group_tests_name("stall", tests, NULL, NULL);
}
