/* The list of elements without a column: lib/batch/other.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "other.h"

/* Two entries: 6871/40 with three octets, IANA's 136 with none. */
static const uint8_t list[] = { 0, 0, 0x1a, 0xd7, 0, 40, 0, 3, 7, 8, 9,
	0, 0, 0, 0, 0, 136, 0, 0 };

static void
entries_come_in_their_order(void **state)
{
	struct wire w;
	struct other o;

	(void)state;
	wire_init(&w, (struct bytes) { list, sizeof(list) });
	assert_true(other_next(&w, &o));
	assert_int_equal(o.pen, 6871);
	assert_int_equal(o.id, 40);
	assert_int_equal(o.value.len, 3);
	assert_ptr_equal(o.value.ptr, list + OTHER_HEAD);
	assert_true(other_next(&w, &o));
	assert_int_equal(o.pen, PEN_IANA);
	assert_int_equal(o.id, 136);
	assert_int_equal(o.value.len, 0);
	assert_false(other_next(&w, &o));
	assert_true(wire_ok(&w));
}

static void
an_empty_list_has_no_entry(void **state)
{
	struct wire w;
	struct other o;

	(void)state;
	wire_init(&w, (struct bytes) { list, 0 });
	assert_false(other_next(&w, &o));
	assert_true(wire_ok(&w));
}

static void
a_cut_anywhere_fails(void **state)
{
	(void)state;
	for (size_t len = 1; len < sizeof(list); len++) {
		struct wire w;
		struct other o;

		wire_init(&w, (struct bytes) { list, len });
		while (other_next(&w, &o))
			continue;
		/* Behind the first entry the list is whole. */
		assert_int_equal(wire_ok(&w), len == OTHER_HEAD + 3);
		assert_false(other_next(&w, &o));
	}
}

static void
a_head_that_is_written_is_read(void **state)
{
	uint8_t entry[OTHER_HEAD + 2] = { 0 };
	struct wire w;
	struct other o;

	(void)state;
	other_put_head(entry, PEN_REVERSE, 0x8001, 2);
	memcpy(entry + OTHER_HEAD, "ab", 2);
	wire_init(&w, (struct bytes) { entry, sizeof(entry) });
	assert_true(other_next(&w, &o));
	assert_int_equal(o.pen, PEN_REVERSE);
	assert_int_equal(o.id, 0x8001);
	assert_int_equal(o.value.len, 2);
	assert_memory_equal(o.value.ptr, "ab", 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_come_in_their_order),
		cmocka_unit_test(an_empty_list_has_no_entry),
		cmocka_unit_test(a_cut_anywhere_fails),
		cmocka_unit_test(a_head_that_is_written_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
