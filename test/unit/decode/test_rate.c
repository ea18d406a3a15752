/* Sampling rates: every way to express one, and invalid values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "other.h"
#include "rate.h"

static struct rate_parts parts;

static void
record_octets(uint16_t id, const void *value, size_t n)
{
	rate_parts_add(&parts, PEN_IANA, id, (struct bytes) { value, n });
}

static void
record_number(uint16_t id, uint32_t value)
{
	uint8_t p[4];

	store_be32(p, value);
	record_octets(id, p, 4);
}

/* The interval; -1: none. */
static int64_t
rate_interval(void)
{
	struct rate rate;
	bool said = rate_from_parts(&parts, &rate);

	parts = (struct rate_parts) { 0 };
	return said ? (int64_t)rate.interval : -1;
}

static uint8_t
rate_algorithm(void)
{
	struct rate rate;

	(void)rate_from_parts(&parts, &rate);
	parts = (struct rate_parts) { 0 };
	return rate.algorithm;
}

static void
record_two(uint16_t a, uint32_t va, uint16_t b, uint32_t vb)
{
	record_number(a, va);
	record_number(b, vb);
}

static void
rate_is_said_in_every_way(void **unused)
{
	static const uint8_t hundredth[] = { 0x3f, 0x84, 0x7a, 0xe1, 0x47,
		0xae, 0x14, 0x7b };
	static const uint8_t quarter[] = { 0x3e, 0x80, 0, 0 };

	(void)unused;
	record_number(34, 100);
	assert_int_equal(rate_interval(), 100);
	record_number(50, 200);
	assert_int_equal(rate_interval(), 200);
	record_two(305, 2, 306, 18);
	assert_int_equal(rate_interval(), 10);
	record_two(309, 5, 310, 500);
	assert_int_equal(rate_interval(), 100);
	record_two(396, 1, 397, 49);
	assert_int_equal(rate_interval(), 50);
	record_octets(311, hundredth, 8);
	assert_int_equal(rate_interval(), 100);
	record_octets(311, quarter, 4);
	assert_int_equal(rate_interval(), 4);
	/* Rounded. */
	record_two(305, 2, 306, 3);
	assert_int_equal(rate_interval(), 3);
	record_two(309, 3, 310, 1000);
	assert_int_equal(rate_interval(), 333);
	/* Sampled packets, and some of their flows. */
	record_number(34, 100);
	record_two(396, 1, 397, 9);
	assert_int_equal(rate_interval(), 1000);
	record_two(396, 1, 397, 0);
	assert_int_equal(rate_interval(), 1);
}

static void
rate_of_one_number_of_two_is_none(void **unused)
{
	(void)unused;
	record_number(305, 1000);
	assert_int_equal(rate_interval(), -1);
	record_number(306, 999);
	assert_int_equal(rate_interval(), -1);
	record_number(309, 1);
	assert_int_equal(rate_interval(), -1);
	record_number(310, 1000);
	assert_int_equal(rate_interval(), -1);
	record_number(396, 10);
	assert_int_equal(rate_interval(), -1);
	record_number(35, 2);
	assert_int_equal(rate_interval(), -1);
	assert_int_equal(rate_interval(), -1);
}

static void
rate_of_zero_is_off(void **unused)
{
	static const uint8_t zero[8];

	(void)unused;
	record_number(34, 0);
	assert_int_equal(rate_interval(), 0);
	record_number(50, 0);
	assert_int_equal(rate_interval(), 0);
	record_two(305, 0, 306, 0);
	assert_int_equal(rate_interval(), 0);
	record_two(309, 0, 310, 0);
	assert_int_equal(rate_interval(), 0);
	record_octets(311, zero, 8);
	assert_int_equal(rate_interval(), 0);
	/* But it does not override a value. */
	record_two(34, 1000, 50, 0);
	assert_int_equal(rate_interval(), 1000);
	record_two(50, 1000, 34, 0);
	assert_int_equal(rate_interval(), 1000);
	record_two(34, 7, 34, 0);
	assert_int_equal(rate_interval(), 7);
	record_number(34, 0);
	record_two(309, 1, 310, 64);
	assert_int_equal(rate_interval(), 64);
}

static void
rate_that_makes_no_sense_is_none(void **unused)
{
	static const uint8_t nan[] = { 0x7f, 0xf8, 0, 0, 0, 0, 0, 0 };
	static const uint8_t two_of_one[] = { 0x40, 0, 0, 0, 0, 0, 0, 0 };
	static const uint8_t least[] = { 0, 0, 0, 0, 0, 0, 0, 1 };
	static const uint8_t huge[9] = { 1 };

	(void)unused;
	record_two(305, 0, 306, 10);
	assert_int_equal(rate_interval(), -1);
	record_two(309, 0, 310, 10);
	assert_int_equal(rate_interval(), -1);
	record_two(309, 11, 310, 10);
	assert_int_equal(rate_interval(), -1);
	record_octets(311, nan, 8);
	assert_int_equal(rate_interval(), -1);
	record_octets(311, two_of_one, 8);
	assert_int_equal(rate_interval(), -1);
	record_octets(311, least, 8);
	assert_int_equal(rate_interval(), -1);
	record_octets(311, nan, 7);
	assert_int_equal(rate_interval(), -1);
	record_octets(34, huge, 9);
	assert_int_equal(rate_interval(), -1);
	record_octets(34, huge, 8);
	assert_int_equal(rate_interval(), -1);
	record_octets(34, huge, 0);
	assert_int_equal(rate_interval(), -1);
	record_number(34, UINT32_MAX);
	record_two(396, 1, 397, 9);
	assert_int_equal(rate_interval(), UINT32_MAX);
	/* A vendor's element with the same number. */
	rate_parts_add(&parts, 9, 34, (struct bytes) { huge, 1 });
	assert_int_equal(rate_interval(), -1);
}

static void
rate_has_the_algorithm_in_the_numbers_of_netflow(void **unused)
{
	(void)unused;
	record_two(34, 10, 35, 2);
	assert_int_equal(rate_algorithm(), 2);
	record_two(50, 10, 49, 1);
	assert_int_equal(rate_algorithm(), 1);
	for (uint32_t selector = 0; selector < 10; selector++) {
		static const uint8_t want[10] = { 0, 1, 1, 2, 2 };

		record_two(304, selector, 390, 0);
		assert_int_equal(rate_algorithm(), want[selector]);
		record_number(390, selector);
		assert_int_equal(rate_algorithm(), want[selector]);
	}
}

static void
rate_with_reversed_octets_is_known(void **unused)
{
	(void)unused;
	assert_int_equal(rate_reversed(0xe8030000), 1000);
	assert_int_equal(rate_reversed(0x01000000), 1);
	assert_int_equal(rate_reversed(0), 0);
	assert_int_equal(rate_reversed(1), 0);
	assert_int_equal(rate_reversed(0xffffff), 0);
	assert_int_equal(rate_reversed(0x01020304), 0);
	assert_int_equal(rate_reversed(UINT32_MAX), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rate_is_said_in_every_way),
		cmocka_unit_test(rate_of_one_number_of_two_is_none),
		cmocka_unit_test(rate_of_zero_is_off),
		cmocka_unit_test(rate_that_makes_no_sense_is_none),
		cmocka_unit_test(
		    rate_has_the_algorithm_in_the_numbers_of_netflow),
		cmocka_unit_test(rate_with_reversed_octets_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
