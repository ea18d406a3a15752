/* Columns of the public header, and those within: lib/api/flowd_column.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "columns.h"
#include "flowd_column.h"
#include "result.h"

static void
every_column_is_the_same_outside(void **state)
{
	const struct flowd_column_info *info;

	(void)state;
	for (size_t i = 0; i < COL_COUNT; i++) {
		info = flowd_column_at(i);
		assert_non_null(info);
		assert_int_equal(info->column, column_info[i].id);
		assert_string_equal(info->name, column_info[i].name);
		assert_string_equal(info->text, column_info[i].doc);
		assert_int_equal(info->type, column_info[i].type + 1);
		assert_int_equal(info->unit, column_info[i].unit);
		assert_int_equal(!(info->flags & FLOWD_COLUMN_RECORD),
		    !(column_info[i].flags & COLUMN_RECORD));
		assert_int_equal(!(info->flags & FLOWD_COLUMN_HEX),
		    !(column_info[i].flags & COLUMN_HEX));
		assert_ptr_equal(flowd_column_info(info->column), info);
		assert_int_equal(
		    flowd_column_by_name(info->name), info->column);
		assert_int_equal(flowd_column_index(info->column), i);
	}
	assert_null(flowd_column_at(COL_COUNT));
}

static void
numbers_and_names_of_no_column_are_none(void **state)
{
	(void)state;
	assert_null(flowd_column_info(0));
	assert_null(flowd_column_info(-1));
	assert_null(flowd_column_info(100000));
	assert_int_equal(flowd_column_by_name("bytes"), FLOWD_EINVAL);
}

/* Released numbers never change: a few of them, by hand. */
static void
numbers_are_those_of_logs(void **state)
{
	(void)state;
	assert_int_equal(FLOWD_COL_recv_time, 1);
	assert_int_equal(FLOWD_COL_src_addr, 11);
	assert_int_equal(FLOWD_COL_octets, 20);
	assert_int_equal(FLOWD_COL_other, 56);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_column_is_the_same_outside),
		cmocka_unit_test(numbers_and_names_of_no_column_are_none),
		cmocka_unit_test(numbers_are_those_of_logs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
