/* The time by which logs are searched: lib/batch/flow_time.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flow_time.h"

static const unsigned best_first[] = { COL_recv_time, COL_flow_end,
	COL_flow_start, COL_event_time, COL_agent_time };

enum { NTIMES = sizeof(best_first) / sizeof(best_first[0]) };

static void
the_best_time_that_is_known_counts(void **state)
{
	struct batch *batch = batch_new(64);
	int64_t ns;

	(void)state;
	assert_non_null(batch);
	for (size_t i = 0; i < NTIMES; i++) {
		(void)batch_append(batch, 1);
		for (size_t k = i; k < NTIMES; k++)
			batch_set_uint(batch, best_first[k], i, 100 + k);
	}
	for (size_t i = 0; i < NTIMES; i++) {
		assert_true(flow_time(batch, i, &ns));
		assert_int_equal(ns, 100 + i);
	}
	batch_free(batch);
}

static void
a_flow_without_a_time_has_none(void **state)
{
	struct batch *batch = batch_new(64);
	int64_t ns;

	(void)state;
	assert_non_null(batch);
	(void)batch_append(batch, 1);
	batch_set_uint(batch, COL_octets, 0, 7);
	assert_false(flow_time(batch, 0, &ns));
	batch_free(batch);
}

static void
its_columns_are_those_it_is_taken_from(void **state)
{
	struct colset set = flow_time_columns();
	size_t n = 0;

	(void)state;
	for (unsigned col = 0; col < COL_COUNT; col++)
		n += colset_has(&set, col);
	assert_int_equal(n, NTIMES);
	for (size_t i = 0; i < NTIMES; i++)
		assert_true(colset_has(&set, best_first[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_best_time_that_is_known_counts),
		cmocka_unit_test(a_flow_without_a_time_has_none),
		cmocka_unit_test(its_columns_are_those_it_is_taken_from),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
