/* Octets that grow up to a maximum: lib/base/buf.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"

static void
what_is_appended_stays_in_order(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	buf_append(&b, "ab", 2);
	buf_append_char(&b, 'c');
	buf_append_text(&b, "");
	buf_append_text(&b, "def");
	buf_printf(&b, "%d-%s", 42, "g");
	assert_true(buf_ok(&b));
	assert_int_equal(b.len, 10);
	assert_memory_equal(b.ptr, "abcdef42-g", 10);
	buf_fini(&b);
}

static void
it_grows_through_many_sizes(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	for (unsigned i = 0; i < 100000; i++)
		buf_append_char(&b, (char)(i % 251));
	assert_true(buf_ok(&b));
	assert_int_equal(b.len, 100000);
	for (unsigned i = 0; i < 100000; i++)
		assert_int_equal(b.ptr[i], i % 251);
	buf_fini(&b);
}

static void
the_maximum_can_be_filled_and_not_passed(void **state)
{
	for (size_t max = 1; max < 2000; max += 37) {
		struct buf b;

		buf_init(&b, max);
		for (size_t i = 0; i < max; i++)
			buf_append_char(&b, 'x');
		assert_true(buf_ok(&b));
		buf_append_char(&b, 'y');
		assert_false(buf_ok(&b));
		assert_int_equal(b.len, max);
		assert_true(b.cap <= max);
		buf_fini(&b);
	}
	(void)state;
}

static void
a_failure_sticks_until_reset(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 8);
	assert_null(buf_room(&b, 9));
	assert_false(buf_ok(&b));
	buf_append_char(&b, 'x');
	assert_false(buf_ok(&b));
	buf_reset(&b);
	assert_true(buf_ok(&b));
	assert_int_equal(b.len, 0);
	buf_append_text(&b, "12345678");
	assert_true(buf_ok(&b));
	buf_fini(&b);
}

static void
a_size_that_overflows_is_refused(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, SIZE_MAX);
	buf_append_char(&b, 'x');
	assert_false(buf_grow(&b, SIZE_MAX));
	assert_false(buf_ok(&b));
	buf_fini(&b);
}

static void
room_is_taken_by_adding_to_the_length(void **state)
{
	struct buf b;
	uint8_t *p;

	(void)state;
	buf_init(&b, 100);
	p = buf_room(&b, 50);
	assert_non_null(p);
	memset(p, 'r', 50);
	assert_int_equal(b.len, 0);
	b.len += 3;
	buf_append_char(&b, 's');
	assert_memory_equal(b.ptr, "rrrs", 4);
	buf_fini(&b);
}

static void
nothing_is_printed_past_the_maximum(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	buf_printf(&b, "%s", "12345678");
	assert_true(buf_ok(&b));
	buf_printf(&b, "%s", "12345678");
	assert_false(buf_ok(&b));
	assert_int_equal(b.len, 8);
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_appended_stays_in_order),
		cmocka_unit_test(it_grows_through_many_sizes),
		cmocka_unit_test(the_maximum_can_be_filled_and_not_passed),
		cmocka_unit_test(a_failure_sticks_until_reset),
		cmocka_unit_test(a_size_that_overflows_is_refused),
		cmocka_unit_test(room_is_taken_by_adding_to_the_length),
		cmocka_unit_test(nothing_is_printed_past_the_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
