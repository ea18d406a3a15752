/*
 * Percentiles: exact up to 1024 values, then within 0.4 %; the same however
 * values are split and in whatever order they come.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../random.h"
#include "histogram.h"

enum {
	SPLITS = 5,
	VALUES = 20000
};

static const unsigned permilles[] = { 1, 10, 250, 500, 750, 900, 950, 990,
	999 };

#define NPERMILLES (sizeof(permilles) / sizeof(permilles[0]))

static int
compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Nearest rank: the least value that permille of them do not exceed. */
static uint64_t
exact_percentile(const uint64_t *sorted, size_t n, unsigned permille)
{
	for (size_t i = 0; i < n; i++)
		if ((i + 1) * 1000 >= n * permille)
			return sorted[i];
	return sorted[n - 1];
}

static uint64_t
histogram_check(
    const struct histogram *h, unsigned permille, bool want_estimate)
{
	bool estimate;
	uint64_t value;

	assert_true(histogram_permille(h, permille, &value, &estimate));
	assert_int_equal(estimate, want_estimate);
	return value;
}

static void
assert_near(uint64_t got, uint64_t want)
{
	uint64_t apart = got > want ? got - want : want - got;

	/* 1/256 of the value; of values below 256 nothing. */
	if (apart > want / 256)
		fail_msg("%llu instead of %llu", (unsigned long long)got,
		    (unsigned long long)want);
}

static void
check_values(uint64_t *value, size_t n)
{
	struct histogram *h = NULL;
	bool estimated = n > HISTOGRAM_EXACT;

	for (size_t i = 0; i < n; i++)
		assert_true(histogram_add(&h, value[i]));
	qsort(value, n, sizeof(*value), compare_u64);
	for (size_t i = 0; i < NPERMILLES; i++) {
		uint64_t want = exact_percentile(value, n, permilles[i]);
		uint64_t got = histogram_check(h, permilles[i], estimated);

		if (estimated)
			assert_near(got, want);
		else
			assert_true(got == want);
	}
	histogram_free(h);
}

static void
nothing_has_no_percentile(void **state)
{
	bool estimate;
	uint64_t value;

	(void)state;
	assert_false(histogram_permille(NULL, 500, &value, &estimate));
	assert_false(estimate);
	assert_int_equal(histogram_octets(NULL), 0);
	histogram_free(NULL);
}

static void
few_values_are_exact(void **state)
{
	struct random r = { 6 };
	uint64_t value[HISTOGRAM_EXACT];

	(void)state;
	for (size_t n = 1; n <= HISTOGRAM_EXACT; n += n / 7 + 1) {
		for (size_t i = 0; i < n; i++)
			value[i] = random_bits(&r);
		check_values(value, n);
	}
	for (size_t i = 0; i < HISTOGRAM_EXACT; i++)
		value[i] = random_u64(&r) % 3 == 0 ? UINT64_MAX : 0;
	check_values(value, HISTOGRAM_EXACT);
}

static void
many_values_are_within_the_stated_error(void **state)
{
	struct random r = { 7 };
	uint64_t *value = calloc(VALUES, sizeof(*value));

	(void)state;
	assert_non_null(value);
	for (size_t i = 0; i < VALUES; i++)
		value[i] = random_bits(&r);
	check_values(value, VALUES);
	for (size_t i = 0; i < VALUES; i++)
		value[i] = random_u64(&r) % 1500;
	check_values(value, VALUES);
	for (size_t i = 0; i < VALUES; i++)
		value[i] = UINT64_MAX - random_u64(&r) % 1000;
	check_values(value, VALUES);
	for (size_t i = 0; i < VALUES; i++)
		value[i] = 0;
	check_values(value, VALUES);
	check_values(value, HISTOGRAM_EXACT + 1);
	free(value);
}

/* Every boundary of buckets: a value is near the middle of its own. */
static void
every_bucket_is_near_its_values(void **state)
{
	(void)state;
	for (unsigned power = 0; power < 64; power++)
		for (int step = -1; step <= 1; step++) {
			uint64_t v = (UINT64_C(1) << power) + (uint64_t)step;
			struct histogram *h = NULL;

			for (size_t i = 0; i < HISTOGRAM_EXACT + 10; i++)
				assert_true(histogram_add(&h, v));
			assert_near(histogram_check(h, 500, true), v);
			histogram_free(h);
		}
}

static void
check_splits(struct random *r, size_t n)
{
	struct histogram *all = NULL, *part[SPLITS] = { NULL }, *sum = NULL;
	unsigned first = random_u32(r) % SPLITS;

	for (size_t i = 0; i < n; i++) {
		uint64_t value = random_bits(r);

		assert_true(histogram_add(&all, value));
		assert_true(histogram_add(
		    &part[random_u32(r) % SPLITS], value));
	}
	for (unsigned i = 0; i < SPLITS; i++)
		assert_true(histogram_merge(
		    &sum, part[(first + i) % SPLITS]));
	for (size_t i = 0; i < NPERMILLES && n > 0; i++)
		assert_true(
		    histogram_check(all, permilles[i], n > HISTOGRAM_EXACT) ==
		    histogram_check(sum, permilles[i], n > HISTOGRAM_EXACT));
	for (unsigned i = 0; i < SPLITS; i++)
		histogram_free(part[i]);
	histogram_free(all);
	histogram_free(sum);
}

static void
splits_and_order_do_not_matter(void **state)
{
	struct random r = { 8 };

	(void)state;
	for (unsigned i = 0; i < 30; i++)
		check_splits(&r, random_u32(&r) % 3000);
	for (size_t n = HISTOGRAM_EXACT - 1; n <= HISTOGRAM_EXACT + 2; n++)
		check_splits(&r, n);
	check_splits(&r, VALUES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_has_no_percentile),
		cmocka_unit_test(few_values_are_exact),
		cmocka_unit_test(many_values_are_within_the_stated_error),
		cmocka_unit_test(every_bucket_is_near_its_values),
		cmocka_unit_test(splits_and_order_do_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
