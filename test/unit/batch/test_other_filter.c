/* Sets of elements: lib/batch/other_filter.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "other_filter.h"

static void
those_in_the_set_are_wanted(void **state)
{
	struct other_id ids[] = { { 9, 12 }, { 0, 65535 }, { 9, 3 }, { 9, 12 },
		{ 0, 7 }, { UINT32_MAX, 0 } };
	struct other_filter f = { .ids = ids };

	(void)state;
	f.n = other_filter_sort(ids, 6);
	assert_int_equal(f.n, 5);
	assert_true(other_filter_has(&f, 9, 12));
	assert_true(other_filter_has(&f, 9, 3));
	assert_true(other_filter_has(&f, 0, 7));
	assert_true(other_filter_has(&f, 0, 65535));
	assert_true(other_filter_has(&f, UINT32_MAX, 0));
	assert_false(other_filter_has(&f, 9, 7));
	assert_false(other_filter_has(&f, 0, 12));
	assert_false(other_filter_has(&f, 1, 7));
}

static void
none_and_all_need_no_list(void **state)
{
	struct other_filter none = { .n = 0 }, all = { .all = true };

	(void)state;
	assert_int_equal(other_filter_sort(NULL, 0), 0);
	assert_false(other_filter_has(&none, 0, 1));
	assert_true(other_filter_has(&all, 0, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_in_the_set_are_wanted),
		cmocka_unit_test(none_and_all_need_no_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
