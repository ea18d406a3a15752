/*
 * What a sample says of octets: which of them are not worth a compressor's
 * work, and for which codes are enough.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../random.h"
#include "compress_estimate.h"

enum {
	N = 65536
};

static uint8_t octets[N];

/* Octets below max, by chance. */
static void
random_fill(struct random *r, unsigned max)
{
	for (size_t i = 0; i < N; i++)
		octets[i] = (uint8_t)(random_u32(r) % max);
}

static void
glance_leaves_random_octets(void **unused)
{
	struct random r = { 1 };

	(void)unused;
	random_fill(&r, 256);
	assert_int_equal(compress_estimate(octets, N), GAIN_NONE);
	assert_int_equal(compress_estimate(octets, 1000), GAIN_NONE);
	random_fill(&r, 128);
	assert_int_equal(compress_estimate(octets, N), GAIN_NONE);
}

static void
glance_sees_octets_that_come_more_often(void **unused)
{
	struct random r = { 2 };

	(void)unused;
	for (unsigned max = 2; max <= 16; max++) {
		random_fill(&r, max);
		assert_int_equal(compress_estimate(octets, N), GAIN_CODES);
		assert_int_equal(compress_estimate(octets, 900), GAIN_CODES);
	}
}

static void
glance_sees_what_repeats(void **unused)
{
	struct random r = { 3 };

	(void)unused;
	random_fill(&r, 256);
	for (size_t i = 60; i < N; i++)
		octets[i] = octets[i - 60];
	assert_int_equal(compress_estimate(octets, N), GAIN_MATCHES);
	for (size_t i = 0; i < N; i++)
		octets[i] = random_u32(&r) % 100 == 0;
	assert_int_equal(compress_estimate(octets, N), GAIN_MATCHES);
}

static void
glance_takes_any_length(void **unused)
{
	struct random r = { 4 };

	(void)unused;
	random_fill(&r, 256);
	for (size_t len = 0; len < 3000; len++)
		(void)compress_estimate(octets + N - len, len);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(glance_leaves_random_octets),
		cmocka_unit_test(glance_sees_octets_that_come_more_often),
		cmocka_unit_test(glance_sees_what_repeats),
		cmocka_unit_test(glance_takes_any_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
