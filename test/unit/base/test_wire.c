/* The cursor over foreign bytes: lib/base/wire.h and endian_be.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "wire.h"

static const uint8_t octets[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
	14, 15, 16 };

static struct wire
wire_over(size_t len)
{
	struct wire w;

	wire_init(&w, (struct bytes) { octets, len });
	return w;
}

static void
fields_are_read_in_network_order(void **state)
{
	struct wire w = wire_over(16);
	struct bytes rest;

	(void)state;
	assert_int_equal(wire_u8(&w), 1);
	assert_int_equal(wire_u16(&w), 0x0203);
	assert_int_equal(wire_u32(&w), 0x04050607);
	assert_true(wire_u64(&w) == UINT64_C(0x08090a0b0c0d0e0f));
	assert_int_equal(wire_left(&w), 1);
	rest = wire_bytes(&w, 1);
	assert_int_equal(rest.len, 1);
	assert_int_equal(rest.ptr[0], 16);
	assert_int_equal(wire_left(&w), 0);
	assert_true(wire_ok(&w));
}

static void
every_read_past_the_end_is_zero_and_fails(void **state)
{
	struct wire w = wire_over(0);

	(void)state;
	assert_int_equal(wire_u8(&w), 0);
	assert_false(wire_ok(&w));
	w = wire_over(1);
	assert_int_equal(wire_u16(&w), 0);
	assert_false(wire_ok(&w));
	w = wire_over(3);
	assert_int_equal(wire_u32(&w), 0);
	assert_false(wire_ok(&w));
	w = wire_over(7);
	assert_true(wire_u64(&w) == 0);
	assert_false(wire_ok(&w));
	w = wire_over(15);
	assert_int_equal(wire_bytes(&w, 16).len, 0);
	assert_false(wire_ok(&w));
}

static void
after_a_failure_nothing_is_read(void **state)
{
	struct wire w = wire_over(3);

	(void)state;
	assert_int_equal(wire_u32(&w), 0);
	/* Three octets are there, but what they mean is lost. */
	assert_int_equal(wire_left(&w), 3);
	assert_int_equal(wire_u8(&w), 0);
	assert_null(wire_take(&w, 0));
	assert_int_equal(wire_left(&w), 3);
	assert_false(wire_ok(&w));
}

static void
no_octets_can_be_taken_at_the_end(void **state)
{
	struct wire w = wire_over(0);

	(void)state;
	assert_non_null(wire_take(&w, 0));
	assert_true(wire_ok(&w));
	assert_int_equal(wire_bytes(&w, 0).len, 0);
	assert_true(wire_ok(&w));
}

static void
a_length_that_would_wrap_is_past_the_end(void **state)
{
	struct wire w = wire_over(16);

	(void)state;
	assert_null(wire_take(&w, SIZE_MAX));
	assert_false(wire_ok(&w));
	assert_int_equal(wire_left(&w), 16);
}

static void
integers_of_every_length_are_loaded(void **state)
{
	uint64_t v = 0;

	(void)state;
	for (size_t len = 0; len <= 8; len++) {
		assert_true(load_be(octets, len) == v);
		v = v << 8 | octets[len];
	}
	assert_int_equal(load_be16(octets), 0x0102);
	assert_int_equal(load_be32(octets), 0x01020304);
	assert_true(load_be64(octets) == UINT64_C(0x0102030405060708));
}

static void
what_is_stored_is_loaded_again(void **state)
{
	uint8_t p[9];

	(void)state;
	/* At an odd address, where nothing is aligned. */
	store_be16(p + 1, 0xfedc);
	assert_int_equal(load_be16(p + 1), 0xfedc);
	assert_int_equal(p[1], 0xfe);
	store_be32(p + 1, 0xfedcba98);
	assert_int_equal(load_be32(p + 1), 0xfedcba98);
	assert_int_equal(p[1], 0xfe);
	store_be64(p + 1, UINT64_C(0xfedcba9876543210));
	assert_true(load_be64(p + 1) == UINT64_C(0xfedcba9876543210));
	assert_int_equal(p[1], 0xfe);
	assert_int_equal(p[8], 0x10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_read_in_network_order),
		cmocka_unit_test(every_read_past_the_end_is_zero_and_fails),
		cmocka_unit_test(after_a_failure_nothing_is_read),
		cmocka_unit_test(no_octets_can_be_taken_at_the_end),
		cmocka_unit_test(a_length_that_would_wrap_is_past_the_end),
		cmocka_unit_test(integers_of_every_length_are_loaded),
		cmocka_unit_test(what_is_stored_is_loaded_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
