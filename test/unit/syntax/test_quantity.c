/* Numbers with units. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "quantity.h"
#include "result.h"

static void
counts_have_units(void **unused)
{
	static const struct {
		const char *text;
		int result;
		uint64_t n;
	} cases[] = {
		{ "0", 0, 0 },
		{ "17", 0, 17 },
		{ "0x1f", 0, 31 },
		{ "010", 0, 8 },
		{ "1k", 0, 1000 },
		{ "1.5M", 0, 1500000 },
		{ "1.5Ki", 0, 1536 },
		{ "2Gi", 0, UINT64_C(2) << 30 },
		{ "18T", 0, UINT64_C(18000000000000) },
		{ "18446744073709551615", 0, UINT64_MAX },
		{ "18446744073709551616", FLOWD_ERANGE, 0 },
		{ "18446744073709551615k", FLOWD_ERANGE, 0 },
		{ "18446744.08T", FLOWD_ERANGE, 0 },
		{ "", FLOWD_EINVAL, 0 },
		{ "-1", FLOWD_EINVAL, 0 },
		{ "+1", FLOWD_EINVAL, 0 },
		{ " 1", FLOWD_EINVAL, 0 },
		{ "1 ", FLOWD_EINVAL, 0 },
		{ "1.5", FLOWD_EINVAL, 0 },
		{ "1.k", FLOWD_EINVAL, 0 },
		{ ".5k", FLOWD_EINVAL, 0 },
		{ "1kk", FLOWD_EINVAL, 0 },
		{ "1m", FLOWD_EINVAL, 0 },
		{ "08", FLOWD_EINVAL, 0 },
		{ "k", FLOWD_EINVAL, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t n = 0;

		if (quantity_count(cases[i].text, &n) != cases[i].result ||
		    (cases[i].result == 0 && n != cases[i].n))
			fail_msg("%s: %llu", cases[i].text,
			    (unsigned long long)n);
	}
}

static void
spans_have_units(void **unused)
{
	static const struct {
		const char *text;
		int result;
		uint64_t ms;
	} cases[] = {
		{ "0", 0, 0 },
		{ "5", 0, 5000 },
		{ "0.25", 0, 250 },
		{ "5s", 0, 5000 },
		{ "1500ms", 0, 1500 },
		{ "1m30s", 0, 90000 },
		{ "1h", 0, 3600000 },
		{ "1.5h", 0, 5400000 },
		{ "2d12h", 0, 216000000 },
		{ "1w", 0, 604800000 },
		{ "1h08m", 0, 4080000 },
		{ "010s", 0, 10000 },
		{ "30501w", FLOWD_ERANGE, 0 },
		{ "30000w1000w", FLOWD_ERANGE, 0 },
		{ "5M", FLOWD_EINVAL, 0 },
		{ "5sec", FLOWD_EINVAL, 0 },
		{ "1h30", FLOWD_EINVAL, 0 },
		{ "h", FLOWD_EINVAL, 0 },
		{ "", FLOWD_EINVAL, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t ns = 0;
		int rc = quantity_span(cases[i].text, 1000000000, &ns);

		if (rc != cases[i].result ||
		    (rc == 0 && ns != cases[i].ms * 1000000))
			fail_msg("%s: %llu", cases[i].text,
			    (unsigned long long)ns);
	}
}

static void
days_of_a_span_are_apart(void **unused)
{
	struct quantity_days span;

	(void)unused;
	assert_int_equal(quantity_days("1w2d3h", &span), 0);
	assert_int_equal(span.days, 9);
	assert_int_equal(span.ns, UINT64_C(10800000000000));
	assert_int_equal(quantity_days("1.5d", &span), 0);
	assert_int_equal(span.days, 1);
	assert_int_equal(span.ns, UINT64_C(43200000000000));
	assert_int_equal(quantity_days("24h", &span), 0);
	assert_int_equal(span.days, 0);
	assert_int_equal(quantity_days("5", &span), FLOWD_EINVAL);
	assert_int_equal(quantity_days("", &span), FLOWD_EINVAL);
	assert_int_equal(
	    quantity_days("99999999999999999999w", &span), FLOWD_ERANGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_have_units),
		cmocka_unit_test(spans_have_units),
		cmocka_unit_test(days_of_a_span_are_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
