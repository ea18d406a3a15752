/* The effects of limits: lib/decode/exporter/limit_hit.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "exporters_fixture.h"
#include "limit_hit.h"

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

static void
every_pool_has_a_limit(void **unused)
{
	bool used[DECODER_LIMIT_COUNT] = { false };

	(void)unused;
	for (int i = 0; i < POOLS; i++) {
		unsigned limit = pool_limit((enum pool_kind)i);

		assert_in_range(limit, 0, DECODER_LIMIT_COUNT - 1);
		assert_false(used[limit]);
		used[limit] = true;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(
		    limit_that_applies_is_counted_for_all_and_for_one,
		    exporters_end),
		cmocka_unit_test(every_pool_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
