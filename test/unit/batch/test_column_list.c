/* Lists of columns as people write them: lib/batch/column_list.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "column_list.h"

static void
names_are_columns_in_their_order_each_once(void **state)
{
	struct column_list l = { .n = 0 };
	struct colset set;

	(void)state;
	assert_int_equal(
	    column_list_parse(&l, "octets,,src_addr,octets,", false, NULL), 0);
	assert_int_equal(l.n, 2);
	assert_int_equal(l.col[0], COL_octets);
	assert_int_equal(l.col[1], COL_src_addr);
	assert_int_equal(column_list_parse(&l, "tos", false, NULL), 0);
	assert_int_equal(l.n, 3);
	set = column_list_set(&l);
	assert_true(colset_has(&set, COL_tos));
	assert_false(colset_has(&set, COL_packets));
}

static void
a_name_that_is_none_is_an_error(void **state)
{
	struct column_list l = { .n = 0 };
	struct flowd_error err;

	(void)state;
	assert_int_equal(column_list_parse(&l, "octets,src_adr", false, &err),
	    FLOWD_EINVAL);
	assert_string_equal(err.text,
	    "no column \"src_adr\"; did you mean \"src_addr\"?");
	assert_int_equal(column_list_parse(&l, "src_add", false, &err),
	    FLOWD_EINVAL);
	l.n = 0;
	assert_int_equal(column_list_parse(&l, ",", false, &err),
	    FLOWD_EINVAL);
	assert_string_equal(err.text, "at least one column is wanted");
}

static void
columns_of_records_are_for_who_asks(void **state)
{
	struct column_list l = { .n = 0 };

	(void)state;
	assert_int_equal(column_list_parse(&l, "crc32", false, NULL),
	    FLOWD_EINVAL);
	assert_int_equal(column_list_parse(&l, "crc32", true, NULL), 0);
	column_list_all(&l, true);
	assert_int_equal(l.n, COL_COUNT);
	column_list_all(&l, false);
	assert_int_equal(l.n, COL_COUNT - 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_columns_in_their_order_each_once),
		cmocka_unit_test(a_name_that_is_none_is_an_error),
		cmocka_unit_test(columns_of_records_are_for_who_asks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
