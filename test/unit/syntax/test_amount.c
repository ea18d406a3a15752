/* Numbers with units on the command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "amount.h"

static void
counts_are_exact(void **state)
{
	static const struct {
		const char *text;
		uint64_t count;
		bool fraction;
	} good[] = {
		{ "0", 0, false },
		{ "7", 7, false },
		{ "7.0", 7, false },
		{ "7.01", 7, true },
		{ "7.", 7, false },
		{ "1.5k", 1500, false },
		{ "1.5K", 1500, false },
		{ "1.5005k", 1500, true },
		{ "0.0001k", 0, true },
		{ "2M", 2000000, false },
		{ "3G", UINT64_C(3000000000), false },
		{ "1.000000000001T", UINT64_C(1000000000001), false },
		/* A double has neither of these. */
		{ "9007199254740993", UINT64_C(9007199254740993), false },
		{ "18446744073709551615", UINT64_MAX, false },
		/* What is more than any number. */
		{ "18446744073709551616", UINT64_MAX, true },
		{ "99999999999999999999999999", UINT64_MAX, true },
		{ "20000000T", UINT64_MAX, true },
	};
	struct flowd_error err;
	uint64_t count;
	bool fraction;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(
		    amount_count(good[i].text, &count, &fraction, &err), 0);
		if (count != good[i].count || fraction != good[i].fraction)
			fail_msg("%s", good[i].text);
	}
}

static void
what_is_no_number_is_refused(void **state)
{
	static const char *const bad[] = { "", ".", ".5", "k", "1x", "1kk",
		"-1", "+1", " 1", "1 ", "1e3", "0x10", "1.2.3", "inf", "nan" };
	struct flowd_error err;
	uint64_t count;
	bool fraction;
	double real;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(amount_count(bad[i], &count, &fraction, &err),
		    FLOWD_EINVAL);
		assert_int_equal(
		    amount_real(bad[i], &real, &err), FLOWD_EINVAL);
	}
}

static void
spans_and_memory_have_units(void **state)
{
	struct flowd_error err;
	uint64_t n;
	double real;

	(void)state;
	assert_int_equal(amount_span("1.5m", &n, &err), 0);
	assert_true(n == UINT64_C(90000000000));
	assert_int_equal(amount_span("5", &n, &err), FLOWD_EINVAL);
	assert_int_equal(amount_span("0s", &n, &err), FLOWD_EINVAL);
	assert_int_equal(amount_span("99999999w", &n, &err), FLOWD_EINVAL);
	assert_int_equal(amount_memory("2K", &n, &err), 0);
	assert_true(n == 2048);
	assert_int_equal(amount_memory("0", &n, &err), FLOWD_EINVAL);
	assert_int_equal(amount_real("2.5M", &real, &err), 0);
	assert_true(real >= 2500000 && real <= 2500000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_are_exact),
		cmocka_unit_test(what_is_no_number_is_refused),
		cmocka_unit_test(spans_and_memory_have_units),
	};

	return cmocka_run_group_tests_name("amount", tests, NULL, NULL);
}
