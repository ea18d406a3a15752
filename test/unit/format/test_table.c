/* Tables for people: lib/format/table.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "table.h"

static const struct table_column columns[] = {
	{ "EXPORTER", TABLE_LEFT },
	{ "FLOWS", TABLE_RIGHT },
	{ "LAST", TABLE_LEFT },
};

static struct table t;
static struct buf out;

static int
setup(void **state)
{
	(void)state;
	table_init(&t, columns, 3);
	buf_init(&out, 1 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	table_fini(&t);
	buf_fini(&out);
	return 0;
}

static void
assert_prints(const char *want)
{
	table_put(&t, &out);
	buf_append_char(&out, '\0');
	assert_true(buf_ok(&out));
	assert_string_equal(out.ptr, want);
}

static void
notes_stand_below_their_rows(void **state)
{
	(void)state;
	table_cell(&t, "a");
	table_cell(&t, "1");
	table_cell(&t, "b");
	table_note(&t, "why", "a text of words that is longer than what is "
	    "left of a line of eighty columns here");
	table_note(&t, "and", "\033");
	table_cell(&t, "c");
	table_cell(&t, "2");
	table_cell(&t, "d");
	assert_prints("EXPORTER  FLOWS  LAST\n"
		      "a             1  b\n"
		      "    why: a text of words that is longer than what is "
		      "left of a line of eighty\n"
		      "    columns here\n"
		      "    and: ?\n"
		      "c             2  d\n");
}

static void
columns_are_aligned(void **state)
{
	(void)state;
	table_cell(&t, "192.0.2.1");
	table_cellf(&t, "%d", 7);
	table_cell(&t, "12 s ago");
	table_cell(&t, "2001:db8::1");
	table_cell(&t, "1.23 M");
	table_cell(&t, "never");
	assert_prints("EXPORTER      FLOWS  LAST\n"
		      "192.0.2.1         7  12 s ago\n"
		      "2001:db8::1  1.23 M  never\n");
}

static void
a_table_without_rows_is_its_titles(void **state)
{
	(void)state;
	assert_prints("EXPORTER  FLOWS  LAST\n");
}

static void
what_is_empty_is_a_hyphen(void **state)
{
	(void)state;
	table_cell(&t, "");
	table_cell(&t, NULL);
	table_cell(&t, "x");
	assert_prints("EXPORTER  FLOWS  LAST\n"
		      "-             -  x\n");
}

static void
a_last_row_may_lack_cells(void **state)
{
	(void)state;
	table_cell(&t, "total");
	table_cell(&t, "9");
	assert_prints("EXPORTER  FLOWS  LAST\n"
		      "total         9\n");
}

static void
columns_count_not_octets(void **state)
{
	(void)state;
	table_cell(&t, "Zürich");
	table_cell(&t, "1");
	table_cell(&t, "a");
	table_cell(&t, "東京-rtr-1");
	table_cell(&t, "2");
	table_cell(&t, "b");
	assert_prints("EXPORTER    FLOWS  LAST\n"
		      "Zürich          1  a\n"
		      "東京-rtr-1      2  b\n");
}

static void
names_cannot_break_a_row(void **state)
{
	(void)state;
	table_cell(&t, "evil\nname\033[31m");
	table_cell(&t, "1");
	table_cell(&t, "x");
	assert_prints("EXPORTER        FLOWS  LAST\n"
		      "evil?name?[31m      1  x\n");
}

static void
no_room_is_a_failure(void **state)
{
	struct buf small;

	(void)state;
	buf_init(&small, 10);
	table_put(&t, &small);
	assert_false(buf_ok(&small));
	buf_fini(&small);
	t.cells.failed = true;
	table_put(&t, &out);
	assert_false(buf_ok(&out));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(columns_are_aligned),
		T(notes_stand_below_their_rows),
		T(a_table_without_rows_is_its_titles),
		T(what_is_empty_is_a_hyphen),
		T(a_last_row_may_lack_cells),
		T(columns_count_not_octets),
		T(names_cannot_break_a_row),
		T(no_room_is_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
