/* Numbers and times for people: lib/format/human.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "human.h"

#define S INT64_C(1000000000)

static void
counts_have_three_digits(void **state)
{
	static const struct {
		uint64_t n;
		const char *text;
	} rows[] = { { 0, "0" }, { 7, "7" }, { 999, "999" },
		{ 1000, "1.00 k" }, { 1004, "1.00 k" }, { 1005, "1.01 k" },
		{ 9994, "9.99 k" }, { 9995, "10.0 k" }, { 45678, "45.7 k" },
		{ 99949, "99.9 k" }, { 99950, "100 k" }, { 999499, "999 k" },
		{ 999500, "1.00 M" }, { 1234567890, "1.23 G" },
		{ UINT64_C(999500000000000000), "1.00 E" },
		{ UINT64_MAX, "18.4 E" } };
	char out[HUMAN_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(human_si(out, rows[i].n, ""),
		    rows[i].text);
	assert_string_equal(human_si(out, 45600000, "b/s"), "45.6 Mb/s");
	assert_string_equal(human_si(out, 5, "b/s"), "5 b/s");
}

static void
octets_are_counted_by_1024(void **state)
{
	static const struct {
		uint64_t n;
		const char *text;
	} rows[] = { { 0, "0 B" }, { 1023, "1023 B" }, { 1024, "1.00 KiB" },
		{ 1536, "1.50 KiB" }, { 10240, "10.0 KiB" },
		{ 1047552, "1023 KiB" }, { 1048063, "1023 KiB" },
		{ 1048064, "1.00 MiB" }, { 64 << 20, "64.0 MiB" },
		{ UINT64_C(1) << 40, "1.00 TiB" },
		{ UINT64_MAX, "16.0 EiB" } };
	char out[HUMAN_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(human_iec(out, rows[i].n, "B"),
		    rows[i].text);
}

/* Read back, any number is right to half of its third digit. */
static void
any_number_is_near(void **state)
{
	static const char units[] = " kMGTPE";
	struct random r = { 1 };
	char out[HUMAN_MAX], *end;

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		uint64_t n = random_bits(&r);
		double v = strtod(human_si(out, n, ""), &end);
		const char *unit = *end == ' ' ? strchr(units, end[1]) : units;

		assert_non_null(unit);
		for (; unit > units; unit--)
			v *= 1000;
		assert_true(v >= (double)n * 0.99499 &&
		    v <= (double)n * 1.00501);
		assert_true(strlen(out) <= 6);
	}
}

static void
durations_have_two_units(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} rows[] = { { 0, "0 s" }, { 999, "999 ns" }, { 1000, "1 us" },
		{ 250 * 1000000, "250 ms" }, { S, "1.00 s" },
		{ 1500 * 1000000LL, "1.50 s" }, { 12 * S, "12.0 s" },
		{ 60 * S - 1, "60.0 s" }, { 60 * S, "1 min" },
		{ 60 * S + 1, "1 min 0 s" },
		{ 200 * S, "3 min 20 s" }, { 3599 * S, "59 min 59 s" },
		{ 7500 * S, "2 h 5 min" }, { 86399 * S, "23 h 59 min" },
		{ (3 * 86400 + 4 * 3600) * S, "3 d 4 h" },
		{ 400 * 86400 * S, "400 d" }, { -90 * S, "-1 min 30 s" },
		{ INT64_MAX, "106751 d 23 h" },
		{ INT64_MIN, "-106751 d 23 h" } };
	char out[HUMAN_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(human_duration(out, rows[i].ns),
		    rows[i].text);
}

static void
moments_are_ago(void **state)
{
	const int64_t now = 1700000000 * S;
	char out[HUMAN_MAX];

	(void)state;
	assert_string_equal(human_ago(out, 0, now), "never");
	assert_string_equal(human_ago(out, now, now), "now");
	assert_string_equal(human_ago(out, now - S + 1, now), "now");
	assert_string_equal(human_ago(out, now - 12 * S, now), "12 s ago");
	assert_string_equal(human_ago(out, now - 200 * S, now), "3 min ago");
	assert_string_equal(human_ago(out, now - 7300 * S, now), "2 h ago");
	assert_string_equal(human_ago(out, now - 86400 * S, now), "1 d ago");
	assert_string_equal(human_ago(out, now + 12 * S, now), "in 12 s");
	assert_string_equal(human_ago(out, INT64_MIN, INT64_MAX),
	    "213503 d ago");
}

#define T(f) cmocka_unit_test(f)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(counts_have_three_digits),
		T(octets_are_counted_by_1024),
		T(any_number_is_near),
		T(durations_have_two_units),
		T(moments_are_ago),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
