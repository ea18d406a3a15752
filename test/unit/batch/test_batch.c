/* Flows as a struct of arrays: lib/batch/batch.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "batch.h"

enum {
	ROWS = 192
};

static int
setup(void **state)
{
	*state = batch_new(ROWS);
	return *state == NULL;
}

static int
teardown(void **state)
{
	batch_free(*state);
	return 0;
}

static void
a_new_batch_has_room_and_no_values(void **state)
{
	struct batch *batch = *state;

	assert_int_equal(batch->nrows, 0);
	assert_int_equal(batch_room(batch), ROWS);
	for (unsigned col = 0; col < COL_COUNT; col++) {
		assert_false(colset_has(&batch->used, col));
		assert_int_equal(bitmap_count(batch->col[col].valid, ROWS), 0);
	}
}

static void
arrays_do_not_overlap(void **state)
{
	struct batch *batch = *state;

	batch_append(batch, ROWS);
	for (unsigned col = 0; col < COL_COUNT; col++)
		if (column_info[col].type != COLUMN_ADDR &&
		    column_info[col].type != COLUMN_BYTES)
			batch_fill_uint(batch, col, 0, ROWS, col + 1);
	for (unsigned col = 0; col < COL_COUNT; col++)
		for (size_t row = 0; row < ROWS; row++)
			if (column_info[col].type != COLUMN_ADDR &&
			    column_info[col].type != COLUMN_BYTES)
				assert_int_equal(
				    batch_uint(batch, col, row), col + 1);
}

static void
appended_rows_are_selected_and_empty(void **state)
{
	struct batch *batch = *state;

	assert_int_equal(batch_append(batch, 70), 0);
	assert_int_equal(batch_append(batch, 30), 70);
	assert_int_equal(batch_room(batch), ROWS - 100);
	assert_int_equal(bitmap_count(batch->selected, ROWS), 100);
	for (unsigned col = 0; col < COL_COUNT; col++)
		for (size_t row = 0; row < 100; row++)
			assert_false(batch_has(batch, col, row));
	assert_int_equal(batch_uint(batch, COL_octets, 5), 0);
	assert_int_equal(batch_addr(batch, COL_src_addr, 5).family, ADDR_NONE);
	assert_int_equal(batch_bytes(batch, COL_other, 5).len, 0);
}

static void
a_value_of_every_integer_type_is_kept(void **state)
{
	static const struct {
		unsigned col;
		uint64_t max;
	} cases[] = {
		{ COL_protocol, UINT8_MAX },
		{ COL_src_port, UINT16_MAX },
		{ COL_src_as, UINT32_MAX },
		{ COL_octets, UINT64_MAX },
		{ COL_recv_time, INT64_MAX },
		{ COL_src_mac, (UINT64_C(1) << 48) - 1 },
	};
	struct batch *batch = *state;

	batch_append(batch, 3);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		batch_set_uint(batch, cases[i].col, 1, cases[i].max);
		assert_true(batch_uint(batch, cases[i].col, 1) ==
		    cases[i].max);
		assert_true(colset_has(&batch->used, cases[i].col));
		assert_false(batch_has(batch, cases[i].col, 0));
		assert_true(batch_has(batch, cases[i].col, 1));
		assert_false(batch_has(batch, cases[i].col, 2));
	}
}

static void
a_column_is_filled_where_it_should(void **state)
{
	struct batch *batch = *state;

	batch_append(batch, 150);
	batch_fill_uint(batch, COL_src_as, 60, 70, 65000);
	for (size_t row = 0; row < 150; row++) {
		bool in = row >= 60 && row < 130;

		assert_int_equal(batch_has(batch, COL_src_as, row), in);
		assert_int_equal(batch_uint(batch, COL_src_as, row),
		    in ? 65000 : 0);
	}
}

static void
several_columns_are_marked_at_once(void **state)
{
	static const uint8_t cols[] = { COL_src_port, COL_dst_port };
	struct batch *batch = *state;

	batch_append(batch, ROWS);
	batch_mark_columns(batch, cols, 2, 60, 0);
	assert_int_equal(bitmap_count(batch->col[cols[0]].valid, ROWS), 0);
	batch_mark_columns(batch, cols, 2, 60, 130);
	for (size_t row = 0; row < ROWS; row++)
		for (unsigned i = 0; i < 2; i++)
			assert_int_equal(batch_has(batch, cols[i], row),
			    row >= 60 && row < 190);
	assert_true(colset_has(&batch->used, COL_dst_port));
	assert_false(batch_has(batch, COL_octets, 100));
}

static void
an_address_is_of_the_family_set_last(void **state)
{
	const struct addr v4 = addr_from_v4(0x0a000001);
	const struct addr v6 = addr_from_v6((struct addr6) { 1, 2 });
	const struct addr none = { .family = ADDR_NONE };
	struct batch *batch = *state;
	struct addr got;

	batch_append(batch, 2);
	batch_set_addr(batch, COL_src_addr, 1, &v4);
	got = batch_addr(batch, COL_src_addr, 1);
	assert_true(addr_equal(&got, &v4));
	batch_set_addr(batch, COL_src_addr, 1, &v6);
	got = batch_addr(batch, COL_src_addr, 1);
	assert_true(addr_equal(&got, &v6));
	batch_set_addr(batch, COL_src_addr, 1, &v4);
	got = batch_addr(batch, COL_src_addr, 1);
	assert_true(addr_equal(&got, &v4));
	batch_set_addr(batch, COL_src_addr, 1, &none);
	assert_false(batch_has(batch, COL_src_addr, 1));
	assert_false(batch_has(batch, COL_src_addr, 0));
}

static void
the_heap_gives_what_it_has_and_no_more(void **state)
{
	struct batch *batch = *state;
	uint8_t *a = batch_heap_take(batch, 10), *b;

	assert_non_null(a);
	b = batch_heap_take(batch, BATCH_HEAP - 10);
	assert_ptr_equal(b, a + 10);
	memset(a, 0xff, BATCH_HEAP);
	assert_null(batch_heap_take(batch, 1));
	assert_null(batch_heap_take(batch, SIZE_MAX));
	assert_non_null(batch_heap_take(batch, 0));
	batch_reset(batch);
	assert_ptr_equal(batch_heap_take(batch, 10), a);
}

static void
bytes_are_those_of_the_heap(void **state)
{
	struct batch *batch = *state;
	struct bytes got;

	batch_append(batch, 1);
	memcpy(batch_heap_take(batch, 7), "xxother", 7);
	batch->col[COL_other].span[0] = (struct span) { 2, 5 };
	batch_mark(batch, COL_other, 0, 1);
	got = batch_bytes(batch, COL_other, 0);
	assert_int_equal(got.len, 5);
	assert_memory_equal(got.ptr, "other", 5);
}

static void
after_a_reset_nothing_is_left(void **state)
{
	const struct addr v6 = addr_from_v6((struct addr6) { 1, 2 });
	struct batch *batch = *state;

	batch_append(batch, ROWS);
	batch->from_log = true;
	for (unsigned col = 0; col < COL_COUNT; col++)
		batch_mark(batch, col, 0, ROWS);
	batch_fill_addr(batch, COL_src_addr, 0, ROWS, &v6);
	batch_reset(batch);
	a_new_batch_has_room_and_no_values(state);
	assert_false(batch->from_log);
	assert_int_equal(bitmap_count(batch->selected, ROWS), 0);
	/* Rows start out as IPv4, whoever had them before. */
	assert_int_equal(bitmap_count(batch->col[COL_src_addr].is6, ROWS), 0);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_batch_has_room_and_no_values),
		TEST(arrays_do_not_overlap),
		TEST(appended_rows_are_selected_and_empty),
		TEST(a_value_of_every_integer_type_is_kept),
		TEST(a_column_is_filled_where_it_should),
		TEST(several_columns_are_marked_at_once),
		TEST(an_address_is_of_the_family_set_last),
		TEST(the_heap_gives_what_it_has_and_no_more),
		TEST(bytes_are_those_of_the_heap),
		TEST(after_a_reset_nothing_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
