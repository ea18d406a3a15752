/* Numbers from text: lib/base/num.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "../random.h"
#include "num.h"
#include "result.h"

static void
decimal_digits_are_a_number(void **state)
{
	uint64_t n;

	(void)state;
	assert_int_equal(num_parse("0", 0, &n), 0);
	assert_true(n == 0);
	assert_int_equal(num_parse("00042", 100, &n), 0);
	assert_true(n == 42);
	assert_int_equal(num_parse("18446744073709551615", UINT64_MAX, &n), 0);
	assert_true(n == UINT64_MAX);
}

static void
anything_else_is_none(void **state)
{
	static const char *const texts[] = { "", " 1", "1 ", "+1", "-1", "0x1",
		"1.0", "1e3", "a", "1,000", "/", ":" };
	uint64_t n = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(num_parse(texts[i], 100000, &n),
		    FLOWD_EINVAL);
	assert_true(n == 7);
}

static void
the_maximum_is_the_last_that_is_taken(void **state)
{
	struct random r = { 1 };
	char text[32];
	uint64_t n;

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		uint64_t max = i < 200 ? i : random_bits(&r);
		uint64_t v = max - 10 + random_u64(&r) % 20;

		if (i % 4 == 0)
			v = random_bits(&r);
		(void)snprintf(text, sizeof(text), "%llu",
		    (unsigned long long)v);
		n = 0;
		assert_int_equal(num_parse(text, max, &n),
		    v <= max ? 0 : FLOWD_ERANGE);
		assert_true(n == (v <= max ? v : 0));
	}
	assert_int_equal(num_parse("18446744073709551616", UINT64_MAX, &n),
	    FLOWD_ERANGE);
	assert_int_equal(num_parse("99999999999999999999999", UINT64_MAX, &n),
	    FLOWD_ERANGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decimal_digits_are_a_number),
		cmocka_unit_test(anything_else_is_none),
		cmocka_unit_test(the_maximum_is_the_last_that_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
