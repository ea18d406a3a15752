/* Numbers with units and times. */
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
times_name_as_much_as_they_say(void **unused)
{
	static const struct {
		const char *text;
		int64_t first, last; /* seconds */
	} cases[] = {
		{ "2026", 1767225600, 1798761599 },
		{ "2026-11", 1793491200, 1796083199 },
		{ "2024-02", 1706745600, 1709251199 },
		{ "2026-11-23", 1795392000, 1795478399 },
		{ "20261123", 1795392000, 1795478399 },
		{ "2026-12-31", 1798675200, 1798761599 },
		{ "2026-11-23T10", 1795428000, 1795431599 },
		{ "2026-11-23 10:30", 1795429800, 1795429859 },
		{ "202611231030", 1795429800, 1795429859 },
		{ "2026-11-23T10:30:05", 1795429805, 1795429805 },
		{ "20261123103005", 1795429805, 1795429805 },
		{ "2026-11-23T10:30:05Z", 1795429805, 1795429805 },
		{ "2026-11-23T10:30+01:00", 1795426200, 1795426259 },
		{ "2026-11-23T10-0530", 1795447800, 1795451399 },
		{ "1970", 0, 31535999 },
		{ "2261-12-31", 9214560000, 9214646399 },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct moment m = { 0, 0 };

		if (quantity_time(cases[i].text, &m) != 0 ||
		    m.first_ns != cases[i].first * 1000000000 ||
		    m.last_ns != cases[i].last * 1000000000 + 999999999)
			fail_msg("%s: %lld to %lld", cases[i].text,
			    (long long)m.first_ns, (long long)m.last_ns);
	}
}

static void
fractions_of_a_second_are_named(void **unused)
{
	struct moment m;

	(void)unused;
	assert_int_equal(quantity_time("2026-11-23T10:30:05.25Z", &m), 0);
	assert_int_equal(m.first_ns, INT64_C(1795429805250000000));
	assert_int_equal(m.last_ns, INT64_C(1795429805259999999));
	assert_int_equal(
	    quantity_time("2026-11-23T10:30:05.000000001Z", &m), 0);
	assert_int_equal(m.first_ns, m.last_ns);
}

static void
what_is_no_time_is_refused(void **unused)
{
	static const char *const wrong[] = { "", "now", "26", "202", "20261",
		"2026-", "2026-1", "2026-13", "2026-00", "2026-11-32",
		"2026-11-23T", "2026-11-23T24", "2026-11-23T10:60",
		"2026-11-23T10:30:60", "2026-11-23Z", "2026-11-23T10:30Zx",
		"2026-11-23T10:30+15:00", "2026-1123", "2026112",
		"2026-11-23T10:30:05.", "2026/11/23", "20261123103005123" };
	struct moment m;

	(void)unused;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (quantity_time(wrong[i], &m) != FLOWD_EINVAL)
			fail_msg("\"%s\" is taken", wrong[i]);
	assert_int_equal(quantity_time("1969", &m), FLOWD_ERANGE);
	assert_int_equal(quantity_time("2262", &m), FLOWD_ERANGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_have_units),
		cmocka_unit_test(spans_have_units),
		cmocka_unit_test(times_name_as_much_as_they_say),
		cmocka_unit_test(fractions_of_a_second_are_named),
		cmocka_unit_test(what_is_no_time_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
