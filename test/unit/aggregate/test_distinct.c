/*
 * Different values: exact up to 4096, then within the stated error; the same
 * in whatever order values come and however they are split.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../random.h"
#include "distinct.h"

enum {
	SPLITS = 7
};

static void
distinct_add_value(struct distinct **d, uint64_t value)
{
	assert_true(distinct_add(d, distinct_hash(value)));
}

static uint64_t
distinct_check(const struct distinct *d, bool want_estimate)
{
	bool estimate;
	uint64_t n = distinct_count(d, &estimate);

	assert_int_equal(estimate, want_estimate);
	return n;
}

/* What distinct_hash() makes a hash of. */
static uint64_t
hash_inverse(uint64_t h)
{
	uint64_t factor = UINT64_C(0xe9846af9b1a615d), inverse = factor;

	for (unsigned i = 0; i < 6; i++)
		inverse *= 2 - factor * inverse;
	h ^= h >> 28 ^ h >> 56;
	h *= inverse;
	h ^= h >> 32;
	h *= inverse;
	return h ^ h >> 32;
}

static void
nothing_is_none(void **state)
{
	(void)state;
	assert_int_equal(distinct_check(NULL, false), 0);
	assert_int_equal(distinct_octets(NULL), 0);
	distinct_free(NULL);
}

static void
count_is_exact_up_to_the_limit(void **state)
{
	struct distinct *d = NULL;

	(void)state;
	for (unsigned i = 0; i < DISTINCT_EXACT; i++) {
		distinct_add_value(&d, i * UINT64_C(0x100000001));
		distinct_add_value(&d, i / 2 * UINT64_C(0x100000001));
		assert_int_equal(distinct_check(d, false), i + 1);
	}
	distinct_add_value(&d, UINT64_MAX);
	(void)distinct_check(d, true);
	distinct_free(d);
}

/* No two integers have the same hash, also where a hash is 0 or 1. */
static void
integers_whose_hashes_are_special_are_counted(void **state)
{
	static const uint64_t hash[] = { 0, 1, 2, 8, UINT64_MAX,
		UINT64_C(1) << 63 };
	struct distinct *d = NULL, *more = NULL;

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		assert_true(distinct_hash(hash_inverse(hash[i])) == hash[i]);
		distinct_add_value(&d, hash_inverse(hash[i]));
		distinct_add_value(&d, hash_inverse(hash[i]));
		assert_int_equal(distinct_check(d, false), i + 1);
	}
	distinct_add_value(&more, hash_inverse(0));
	assert_int_equal(distinct_check(more, false), 1);
	assert_true(distinct_merge(&more, d));
	assert_int_equal(distinct_check(more, false), 6);
	/* It keeps what it has when it grows. */
	for (uint64_t i = 100; i < 300; i++)
		distinct_add_value(&d, i << 20);
	assert_int_equal(distinct_check(d, false), 206);
	assert_true(distinct_merge(&d, more));
	assert_int_equal(distinct_check(d, false), 206);
	distinct_free(d);
	distinct_free(more);
}

/* Within four standard errors of 0.81 %, at sizes up to a million. */
static void
estimates_are_within_the_stated_error(void **state)
{
	struct random r = { 3 };

	(void)state;
	for (uint64_t n = DISTINCT_EXACT + 1; n < 1200000; n = n * 5 / 3) {
		struct distinct *d = NULL;
		uint64_t base = random_u64(&r), got;

		for (uint64_t i = 0; i < n; i++)
			distinct_add_value(&d, base + i);
		got = distinct_check(d, true);
		assert_in_range(
		    got, n - n * 324 / 10000, n + n * 324 / 10000);
		distinct_free(d);
	}
}

static void
estimates_have_no_bias(void **state)
{
	struct random r = { 4 };
	double error = 0;

	(void)state;
	for (unsigned k = 0; k < 50; k++) {
		struct distinct *d = NULL;
		uint64_t base = random_u64(&r);

		for (uint64_t i = 0; i < 30000; i++)
			distinct_add_value(&d, base + i * 977);
		error += (double)distinct_check(d, true) / 30000 - 1;
		distinct_free(d);
	}
	/* The mean of 50 has an error of 0.81 / sqrt(50) %. */
	assert_true(error / 50 < 0.0046 && error / 50 > -0.0046);
}

/* Any split of n values is merged, in any order, to the same count. */
static void
check_splits(struct random *r, uint64_t n)
{
	struct distinct *all = NULL, *part[SPLITS] = { NULL }, *sum = NULL;
	unsigned first = random_u32(r) % SPLITS;
	bool estimate[2];

	for (uint64_t i = 0; i < n; i++) {
		uint64_t value = random_u64(r) % (n + 1);

		distinct_add_value(&all, value);
		distinct_add_value(&part[random_u32(r) % SPLITS], value);
		if (random_u32(r) % 3 == 0)
			distinct_add_value(&part[random_u32(r) % 2], value);
	}
	for (unsigned i = 0; i < SPLITS; i++) {
		struct distinct *from = part[(first + i) % SPLITS];

		assert_true(distinct_merge(&sum, from));
	}
	assert_true(distinct_count(all, &estimate[0]) ==
	    distinct_count(sum, &estimate[1]));
	assert_int_equal(estimate[0], estimate[1]);
	for (unsigned i = 0; i < SPLITS; i++)
		distinct_free(part[i]);
	distinct_free(all);
	distinct_free(sum);
}

static void
splits_and_order_do_not_matter(void **state)
{
	struct random r = { 5 };

	(void)state;
	for (unsigned i = 0; i < 30; i++)
		check_splits(&r, random_u32(&r) % 200);
	for (unsigned i = 0; i < 12; i++)
		check_splits(&r, random_u32(&r) % 30000);
	/* Around where it goes over to registers. */
	for (unsigned i = 0; i < 8; i++)
		check_splits(&r, 6000 + 200 * i);
}

static void
merging_takes_what_is_there(void **state)
{
	struct distinct *few = NULL, *many = NULL, *none = NULL;
	uint64_t n;

	(void)state;
	assert_true(distinct_merge(&none, NULL));
	assert_null(none);
	for (uint64_t i = 0; i < 10; i++)
		distinct_add_value(&few, i);
	for (uint64_t i = 0; i < 20000; i++)
		distinct_add_value(&many, i);
	n = distinct_check(many, true);
	assert_true(distinct_merge(&few, many));
	assert_true(distinct_check(few, true) == n);
	assert_true(distinct_merge(&none, many));
	assert_true(distinct_check(none, true) == n);
	assert_true(distinct_merge(&many, many));
	assert_true(distinct_check(many, true) == n);
	assert_true(distinct_octets(many) >= 16384);
	distinct_free(few);
	distinct_free(many);
	distinct_free(none);
}

static void
addresses_of_128_bits_are_told_apart(void **state)
{
	struct distinct *d = NULL;
	unsigned n = 0;

	(void)state;
	for (uint64_t hi = 0; hi < 60; hi++)
		for (uint64_t lo = 0; lo < 60; lo++) {
			assert_true(distinct_add(
			    &d, distinct_hash128(hi << 32, lo)));
			assert_int_equal(distinct_check(d, false), ++n);
		}
	distinct_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_none),
		cmocka_unit_test(count_is_exact_up_to_the_limit),
		cmocka_unit_test(integers_whose_hashes_are_special_are_counted),
		cmocka_unit_test(estimates_are_within_the_stated_error),
		cmocka_unit_test(estimates_have_no_bias),
		cmocka_unit_test(splits_and_order_do_not_matter),
		cmocka_unit_test(merging_takes_what_is_there),
		cmocka_unit_test(addresses_of_128_bits_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
