/* The table of columns: lib/batch/columns.def, columns.c. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "columns.h"

static void
ids_are_unique_and_not_zero(void **state)
{
	(void)state;
	for (unsigned i = 0; i < COL_COUNT; i++) {
		assert_int_not_equal(column_info[i].id, 0);
		for (unsigned k = i + 1; k < COL_COUNT; k++)
			assert_int_not_equal(column_info[i].id,
			    column_info[k].id);
	}
}

static void
names_are_unique(void **state)
{
	(void)state;
	for (unsigned i = 0; i < COL_COUNT; i++)
		for (unsigned k = i + 1; k < COL_COUNT; k++)
			assert_string_not_equal(column_info[i].name,
			    column_info[k].name);
}

static void
names_are_words_in_lower_case(void **state)
{
	(void)state;
	for (unsigned i = 0; i < COL_COUNT; i++) {
		const char *name = column_info[i].name;

		assert_true(islower((unsigned char)name[0]));
		for (const char *p = name; *p != '\0'; p++)
			assert_true(islower((unsigned char)*p) ||
			    isdigit((unsigned char)*p) || *p == '_');
	}
}

static void
every_column_says_what_it_is(void **state)
{
	(void)state;
	for (unsigned i = 0; i < COL_COUNT; i++)
		assert_true(strlen(column_info[i].doc) > 5);
}

static void
ids_of_published_logs_stay_what_they_are(void **state)
{
	/* A sample: columnar logs that exist depend on every one. */
	static const struct {
		unsigned id;
		const char *name;
	} cases[] = {
		{ 1, "recv_time" },
		{ 11, "src_addr" },
		{ 20, "octets" },
		{ 31, "event_time" },
		{ 49, "sampling_interval" },
		{ 56, "other" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int col = column_by_id(cases[i].id);

		assert_true(col >= 0);
		assert_string_equal(column_info[col].name, cases[i].name);
	}
}

static void
a_column_is_found_by_name_and_id(void **state)
{
	(void)state;
	for (int i = 0; i < COL_COUNT; i++) {
		assert_int_equal(column_by_name(column_info[i].name), i);
		assert_int_equal(column_by_id(column_info[i].id), i);
	}
	assert_int_equal(column_by_name("src_adr"), -1);
	assert_int_equal(column_by_name(""), -1);
	assert_int_equal(column_by_name("SRC_ADDR"), -1);
	assert_int_equal(column_by_id(0), -1);
	assert_int_equal(column_by_id(9999), -1);
}

static void
every_classic_field_has_its_columns(void **state)
{
	uint32_t fields = 0;

	(void)state;
	for (unsigned i = 0; i < COL_COUNT; i++)
		fields |= column_info[i].classic;
	assert_int_equal(fields, CLASSIC_ALL);
	assert_int_equal(CLASSIC_BRIEF & ~CLASSIC_ALL, 0);
}

static void
an_address_column_is_of_both_families(void **state)
{
	(void)state;
	for (unsigned i = 0; i < COL_COUNT; i++) {
		uint32_t field = column_info[i].classic;

		if (column_info[i].type == COLUMN_ADDR && field != 0)
			assert_int_equal(__builtin_popcount(field), 2);
		else
			assert_true(__builtin_popcount(field) <= 1);
	}
}

static void
columns_of_the_record_are_no_outputs(void **state)
{
	struct colset outputs = colset_outputs();

	(void)state;
	assert_true(colset_has(&outputs, COL_src_addr));
	assert_true(colset_has(&outputs, COL_other));
	assert_false(colset_has(&outputs, COL_crc32));
	assert_false(colset_has(&outputs, COL_recv_time_carry));
	assert_false(colset_has(&outputs, COL_agent_time_carry));
}

static void
a_set_holds_what_was_added(void **state)
{
	struct colset set = { { 0, 0 } };

	(void)state;
	for (unsigned col = 0; col < 128; col += 3)
		colset_add(&set, col);
	colset_remove(&set, 63);
	colset_remove(&set, 66);
	for (unsigned col = 0; col < 128; col++)
		assert_int_equal(colset_has(&set, col),
		    col % 3 == 0 && col != 63 && col != 66);
}

static void
a_column_holds_numbers_up_to_its_width(void **state)
{
	(void)state;
	assert_int_equal(column_max(COL_protocol), UINT8_MAX);
	assert_int_equal(column_max(COL_dst_port), UINT16_MAX);
	assert_int_equal(column_max(COL_src_as), UINT32_MAX);
	assert_true(column_max(COL_octets) == UINT64_MAX);
}

static void
columns_are_suggested_unless_they_are_of_the_record(void **state)
{
	(void)state;
	assert_string_equal(column_suggest("src_adr"), "src_addr");
	assert_string_equal(column_suggest("dstport"), "dst_port");
	assert_null(column_suggest("crc32"));
	assert_string_equal(column_suggest("src"), "src_addr");
	assert_string_equal(column_suggest("bytes"), "octets");
	assert_string_equal(column_suggest("proto"), "protocol");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_unique_and_not_zero),
		cmocka_unit_test(names_are_unique),
		cmocka_unit_test(names_are_words_in_lower_case),
		cmocka_unit_test(every_column_says_what_it_is),
		cmocka_unit_test(ids_of_published_logs_stay_what_they_are),
		cmocka_unit_test(a_column_is_found_by_name_and_id),
		cmocka_unit_test(every_classic_field_has_its_columns),
		cmocka_unit_test(an_address_column_is_of_both_families),
		cmocka_unit_test(columns_of_the_record_are_no_outputs),
		cmocka_unit_test(a_set_holds_what_was_added),
		cmocka_unit_test(a_column_holds_numbers_up_to_its_width),
		cmocka_unit_test(
		    columns_are_suggested_unless_they_are_of_the_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
