/*
 * The table of limits, and what they did: lib/decode/tables/limit.c and
 * lib/decode/exporter/limit_hit.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "exporters_fixture.h"
#include "limit_hit.h"

static uint64_t
limit_at(const struct decoder_limits *l, unsigned limit)
{
	uint64_t v;

	memcpy(&v, (const char *)l + decoder_limit_info[limit].offset,
	    sizeof(v));
	return v;
}

static void
limits_that_are_not_set_are_the_defaults(void **unused)
{
	const struct decoder_limits l = { .streams = 77 };

	(void)unused;
	exporters_begin(&l);
	for (unsigned i = 0; i < DECODER_LIMIT_COUNT; i++) {
		const struct decoder_limit_info *info = &decoder_limit_info[i];

		assert_true(strlen(info->text) > 0);
		assert_true(info->value > 0);
		assert_int_equal(limit_at(&all.limits, i),
		    i == DECODER_LIMIT_streams ? 77 : info->value);
	}
	assert_string_equal(decoder_limit_info[DECODER_LIMIT_early_ms].name,
	    "early_ms");
	assert_int_equal(all.pool[POOL_STREAMS].limit, 77);
	for (int i = 0; i < POOLS; i++)
		assert_int_equal(all.pool[i].limit,
		    limit_at(&all.limits, pool_limit((enum pool_kind)i)));
}

static void
limit_that_applies_is_counted_for_all_and_for_one(void **unused)
{
	struct decode_counters c = { .flows = 0 };
	struct addr a = addr_from_v4(5), b = addr_from_v4(6);
	const struct exporter *x, *y;

	(void)unused;
	exporters_begin(NULL);
	x = exporter_get(&all, &a, 1);
	y = exporter_get(&all, &b, 1);
	limit_hit(&all, x, &c, DECODER_LIMIT_samplers);
	limit_hit(&all, y, &c, DECODER_LIMIT_samplers);
	limit_hit(&all, x, &c, DECODER_LIMIT_streams);
	assert_int_equal(c.limited[DECODER_LIMIT_samplers], 2);
	assert_int_equal(c.limited[DECODER_LIMIT_streams], 1);
	assert_int_equal(all.hits[DECODER_LIMIT_samplers].hits, 2);
	assert_true(addr_equal(&all.hits[DECODER_LIMIT_samplers].last, &b));
	assert_true(addr_equal(&all.hits[DECODER_LIMIT_streams].last, &a));
	assert_int_equal(all.nhits, 3);
}

#define TEST(name) cmocka_unit_test_teardown(name, exporters_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(limits_that_are_not_set_are_the_defaults),
		TEST(limit_that_applies_is_counted_for_all_and_for_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
