/* The table of limits: lib/decode/tables/limit.c. */
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

#define TEST(name) cmocka_unit_test_teardown(name, exporters_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(limits_that_are_not_set_are_the_defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
