/* Rows behind those of another batch: lib/batch/batch_copy.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "batch_copy.h"
#include "other.h"

enum { ROWS = 192 };

static struct colset
set_of(unsigned a, unsigned b)
{
	struct colset set = { { 0, 0 } };

	colset_add(&set, a);
	colset_add(&set, b);
	return set;
}

/* Row i has i packets, in every third row i octets, and an address. */
static struct batch *
numbered(void)
{
	struct batch *b = batch_new(ROWS);

	assert_non_null(b);
	(void)batch_append(b, ROWS);
	for (unsigned i = 0; i < ROWS; i++) {
		struct addr a = i % 2 == 0
		    ? addr_from_v4(i)
		    : addr_from_v6((struct addr6) { 7, i });

		batch_set_uint(b, COL_packets, i, i);
		if (i % 3 == 0)
			batch_set_uint(b, COL_octets, i, i);
		batch_set_addr(b, COL_src_addr, i, &a);
	}
	return b;
}

static void
all_rows_are_copied_in_the_columns_of_the_other(void **state)
{
	struct batch *from = numbered();
	struct batch *to =
	    batch_new_columns(ROWS, set_of(COL_octets, COL_src_addr));

	(void)state;
	assert_int_equal(batch_copy(to, from, 0), ROWS);
	assert_int_equal(to->nrows, ROWS);
	for (unsigned i = 0; i < ROWS; i++) {
		struct addr a = batch_addr(from, COL_src_addr, i);
		struct addr b = batch_addr(to, COL_src_addr, i);

		assert_false(batch_has(to, COL_packets, i));
		assert_int_equal(batch_has(to, COL_octets, i), i % 3 == 0);
		assert_int_equal(
		    to->col[COL_octets].u64[i], i % 3 == 0 ? i : 0);
		assert_true(addr_equal(&a, &b));
	}
	batch_free(from);
	batch_free(to);
}

static void
rows_that_are_not_selected_are_left_out(void **state)
{
	struct batch *from = numbered();
	struct batch *to =
	    batch_new_columns(ROWS, set_of(COL_packets, COL_octets));
	size_t n = 0;

	(void)state;
	for (unsigned i = 0; i < ROWS; i++)
		if (i % 5 != 0)
			bitmap_clear(from->selected, i);
	assert_int_equal(batch_copy(to, from, 7), ROWS);
	for (unsigned i = 10; i < ROWS; i += 5, n++) {
		assert_int_equal(batch_uint(to, COL_packets, n), i);
		assert_int_equal(batch_has(to, COL_octets, n), i % 3 == 0);
	}
	assert_int_equal(to->nrows, n);
	batch_free(from);
	batch_free(to);
}

static void
a_full_batch_is_continued_in_another_one(void **state)
{
	struct batch *from = numbered();
	struct batch *to =
	    batch_new_columns(128, set_of(COL_packets, COL_src_addr));

	(void)state;
	assert_int_equal(batch_copy(to, from, 0), 128);
	assert_int_equal(to->nrows, 128);
	assert_int_equal(batch_copy(to, from, 128), 128);
	batch_reset(to);
	assert_int_equal(batch_copy(to, from, 128), ROWS);
	assert_int_equal(to->nrows, ROWS - 128);
	for (unsigned i = 0; i < ROWS - 128; i++) {
		struct addr a = batch_addr(from, COL_src_addr, 128 + i);
		struct addr b = batch_addr(to, COL_src_addr, i);

		assert_int_equal(batch_uint(to, COL_packets, i), 128 + i);
		assert_true(addr_equal(&a, &b));
	}
	batch_free(from);
	batch_free(to);
}

static void
octets_are_copied_while_there_is_room_for_them(void **state)
{
	const size_t len = BATCH_HEAP / 4;
	struct batch *from = batch_new(64);
	struct batch *to =
	    batch_new_columns(64, set_of(COL_other, COL_packets));
	struct bytes value;

	(void)state;
	(void)batch_append(from, 4);
	for (unsigned i = 0; i < 4; i++) {
		uint8_t *p = batch_heap_take(from, len);

		assert_non_null(p);
		memset(p, (int)i + 1, len);
		from->col[COL_other].span[i] = (struct span) {
			(uint32_t)(p - from->heap), (uint32_t)len
		};
		batch_set_uint(from, COL_packets, i, i);
	}
	batch_mark(from, COL_other, 0, 3);
	assert_int_equal(batch_copy(to, from, 0), 4);
	assert_int_equal(to->nrows, 4);
	value = batch_bytes(to, COL_other, 2);
	assert_int_equal(value.len, len);
	assert_int_equal(value.ptr[0], 3);
	assert_int_equal(batch_bytes(to, COL_other, 3).len, 0);
	/* Of the next ones only the first has room. */
	assert_int_equal(batch_copy(to, from, 0), 1);
	assert_int_equal(to->nrows, 5);
	batch_free(from);
	batch_free(to);
}

static void
numbers_of_addresses_become_addresses(void **state)
{
	static const uint32_t v4[] = { 11, 22 };
	static const uint64_t hi[] = { 1 }, lo[] = { 2 };
	struct batch *from = batch_new(64);
	struct batch *to =
	    batch_new_columns(64, set_of(COL_src_addr, COL_dst_addr));
	struct addr a;

	(void)state;
	(void)batch_append(from, 3);
	for (unsigned i = 0; i < 3; i++)
		from->col[COL_src_addr].u32[i] = 2 - i;
	batch_mark(from, COL_src_addr, 0, 3);
	colset_add(&from->numbered, COL_src_addr);
	from->table = (struct address_table) { .n = 3, .n4 = 2, .v4 = v4,
		.v6_hi = hi, .v6_lo = lo };
	assert_int_equal(batch_copy(to, from, 0), 3);
	a = batch_addr(to, COL_src_addr, 0);
	assert_int_equal(a.family, ADDR_V6);
	assert_int_equal(a.v6.lo, 2);
	assert_int_equal(batch_addr(to, COL_src_addr, 1).v4, 22);
	assert_int_equal(batch_addr(to, COL_src_addr, 2).v4, 11);
	assert_false(batch_has(to, COL_dst_addr, 0));
	batch_free(from);
	batch_free(to);
}

static void
rows_of_logs_are_not_mixed_with_others(void **state)
{
	struct batch *from = numbered();
	struct batch *to =
	    batch_new_columns(2 * ROWS, set_of(COL_packets, COL_octets));

	(void)state;
	from->from_log = true;
	assert_int_equal(batch_copy(to, from, 0), ROWS);
	assert_true(to->from_log);
	from->from_log = false;
	assert_int_equal(batch_copy(to, from, 0), 0);
	assert_int_equal(to->nrows, ROWS);
	batch_free(from);
	batch_free(to);
}

/* Every row of random batches, by itself. */
static void
copies_are_the_rows_one_by_one(void **state)
{
	struct batch *to =
	    batch_new_columns(4096, set_of(COL_octets, COL_dst_addr));
	unsigned seed = 1;
	size_t at = 0;

	(void)state;
	for (unsigned turn = 0; turn < 12; turn++) {
		struct batch *from = numbered();

		for (unsigned i = 0; i < ROWS; i++) {
			struct addr a = addr_from_v4(seed);

			seed = seed * 1103515245 + 12345;
			if (seed >> 16 & 1)
				bitmap_clear(from->selected, i);
			if (seed >> 17 & 1)
				batch_set_addr(from, COL_dst_addr, i, &a);
		}
		assert_int_equal(batch_copy(to, from, 0), ROWS);
		BITMAP_FOREACH(i, from->selected, 0, from->nrows) {
			struct addr a = batch_addr(from, COL_dst_addr, i);
			struct addr b = batch_addr(to, COL_dst_addr, at);

			assert_true(addr_equal(&a, &b));
			assert_int_equal(batch_has(to, COL_octets, at),
			    batch_has(from, COL_octets, i));
			assert_int_equal(batch_uint(to, COL_octets, at),
			    batch_uint(from, COL_octets, i));
			at++;
		}
		assert_int_equal(to->nrows, at);
		batch_free(from);
	}
	batch_free(to);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    all_rows_are_copied_in_the_columns_of_the_other),
		cmocka_unit_test(rows_that_are_not_selected_are_left_out),
		cmocka_unit_test(a_full_batch_is_continued_in_another_one),
		cmocka_unit_test(
		    octets_are_copied_while_there_is_room_for_them),
		cmocka_unit_test(numbers_of_addresses_become_addresses),
		cmocka_unit_test(rows_of_logs_are_not_mixed_with_others),
		cmocka_unit_test(copies_are_the_rows_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
