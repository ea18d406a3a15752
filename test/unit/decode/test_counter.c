/* The table of counters, and sums of them: lib/decode/tables/counter.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "counter.h"

enum {
	COUNTERS = sizeof(struct decode_counters) / sizeof(uint64_t)
};

static uint64_t
counter_at(const struct decode_counters *c, size_t offset)
{
	uint64_t v;

	memcpy(&v, (const char *)c + offset, sizeof(v));
	return v;
}

/* Counter k is first + k. */
static void
counters_fill(struct decode_counters *c, uint64_t first)
{
	uint64_t v[COUNTERS];

	for (size_t k = 0; k < COUNTERS; k++)
		v[k] = first + k;
	memcpy(c, v, sizeof(v));
}

static void
counters_have_a_row_each(void **unused)
{
	bool seen[COUNTERS] = { false };

	(void)unused;
	for (size_t i = 0; i < DECODE_COUNTER_COUNT; i++) {
		const struct decode_counter_info *info =
		    &decode_counter_info[i];

		assert_non_null(info->text);
		assert_true(strlen(info->name) > 0);
		assert_int_equal(info->offset % sizeof(uint64_t), 0);
		assert_true(info->offset <
		    offsetof(struct decode_counters, malformed));
		assert_false(seen[info->offset / sizeof(uint64_t)]);
		seen[info->offset / sizeof(uint64_t)] = true;
	}
}

static void
counters_are_all_added_and_subtracted(void **unused)
{
	struct decode_counters sum, more, was;

	(void)unused;
	counters_fill(&sum, 1000);
	counters_fill(&more, UINT64_C(1) << 40);
	was = sum;
	counters_add(&sum, &more);
	for (size_t k = 0; k < COUNTERS; k++)
		assert_int_equal(counter_at(&sum, k * sizeof(uint64_t)),
		    (UINT64_C(1) << 40) + 1000 + 2 * k);
	counters_sub(&sum, &more);
	assert_memory_equal(&sum, &was, sizeof(sum));
	/* Uncertain counters may be below zero for a while. */
	memset(&sum, 0, sizeof(sum));
	counters_fill(&more, 1);
	counters_sub(&sum, &more);
	assert_int_equal((int64_t)sum.limited[DECODER_LIMIT_COUNT - 1],
	    -(int64_t)COUNTERS);
	counters_add(&sum, &more);
	assert_int_equal(sum.datagrams, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_have_a_row_each),
		cmocka_unit_test(counters_are_all_added_and_subtracted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
