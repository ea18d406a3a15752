/* Segments that wait to be sealed: flowd/logs/unsealed.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unsealed.h"

enum { NOW = 1795428300 };

static struct logdir_segment
segment_number(unsigned i)
{
	struct logdir_segment s = { .start_sec = NOW + i };

	catalogue_name(NOW + i, 0, s.name);
	return s;
}

static void
segment_add(struct unsealed *u, unsigned i)
{
	struct logdir_segment s = segment_number(i);

	unsealed_add(u, &s);
}

static void
the_oldest_is_sealed_first(void **state)
{
	struct unsealed u = { .at = NULL };

	(void)state;
	assert_null(unsealed_next(&u, NOW));
	assert_int_equal(unsealed_due(&u), INT64_MAX);
	for (unsigned i = 0; i < 100; i++)
		segment_add(&u, i);
	segment_add(&u, 50);
	assert_int_equal(u.n, 100);
	for (unsigned i = 0; i < 100; i++) {
		const struct logdir_segment *s = unsealed_next(&u, NOW);

		assert_non_null(s);
		assert_int_equal(s->start_sec, NOW + i);
		unsealed_remove(&u, segment_number(i).name);
	}
	assert_null(unsealed_next(&u, NOW));
	unsealed_remove(&u, "another");
	unsealed_fini(&u);
}

static void
one_that_fails_waits_longer_each_time(void **state)
{
	struct unsealed u = { .at = NULL };
	int64_t now = NOW, waited = 0;

	(void)state;
	segment_add(&u, 0);
	segment_add(&u, 1);
	for (int i = 0; i < 20; i++) {
		unsealed_failed(&u, segment_number(0).name, now);
		/* The other one is not held up. */
		assert_int_equal(
		    unsealed_next(&u, now)->start_sec, NOW + 1);
		assert_true(u.at[0].again_ms - now >= waited);
		waited = u.at[0].again_ms - now;
		now = u.at[0].again_ms;
		assert_int_equal(unsealed_next(&u, now)->start_sec, NOW);
	}
	assert_int_equal(waited, UNSEALED_DELAY_MOST_MS);
	unsealed_remove(&u, segment_number(1).name);
	unsealed_failed(&u, segment_number(0).name, now);
	assert_null(unsealed_next(&u, now));
	assert_int_equal(unsealed_due(&u), now + UNSEALED_DELAY_MOST_MS);
	unsealed_fini(&u);
}

static void
the_list_has_a_longest(void **state)
{
	struct unsealed u = { .at = NULL };

	(void)state;
	for (unsigned i = 0; i < UNSEALED_MAX; i++)
		segment_add(&u, i);
	assert_false(u.overflow);
	assert_int_equal(u.n, UNSEALED_MAX);
	segment_add(&u, UNSEALED_MAX);
	assert_true(u.overflow);
	assert_int_equal(u.n, UNSEALED_MAX);
	assert_false(unsealed_has(&u, segment_number(UNSEALED_MAX).name));
	/* One that fails makes room, the one that failed most. */
	unsealed_failed(&u, segment_number(7).name, NOW);
	unsealed_failed(&u, segment_number(9).name, NOW);
	unsealed_failed(&u, segment_number(9).name, NOW);
	segment_add(&u, UNSEALED_MAX);
	assert_int_equal(u.n, UNSEALED_MAX);
	assert_true(unsealed_has(&u, segment_number(UNSEALED_MAX).name));
	assert_true(unsealed_has(&u, segment_number(7).name));
	assert_false(unsealed_has(&u, segment_number(9).name));
	unsealed_fini(&u);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_oldest_is_sealed_first),
		cmocka_unit_test(one_that_fails_waits_longer_each_time),
		cmocka_unit_test(the_list_has_a_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
