/*
 * The text of measures: which a list of words makes, and what is said of texts
 * that are wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "measure.h"

static struct measures
measures_of(const char *text)
{
	struct flowd_error err = { .text = "" };
	struct measures m = { .n = 0 };

	if (measures_parse(&m, text, &err) != 0)
		fail_msg("%s: %s", text, err.text);
	return m;
}

static void
words_and_functions_are_measures(void **state)
{
	static const struct {
		const char *text;
		unsigned function, type, unit, input;
	} cases[] = {
		{ "flows", MEASURE_FLOWS, MEASURE_UINT, UNIT_NONE, INPUT_END },
		{ "octets", MEASURE_SUM, MEASURE_UINT, UNIT_OCTETS,
		    COL_octets },
		{ "rev_packets", MEASURE_SUM, MEASURE_UINT, UNIT_PACKETS,
		    COL_rev_packets },
		{ "bps", MEASURE_RATE, MEASURE_REAL, UNIT_NONE, COL_octets },
		{ "pps", MEASURE_RATE, MEASURE_REAL, UNIT_NONE, COL_packets },
		{ "bpp", MEASURE_RATIO, MEASURE_REAL, UNIT_NONE, COL_octets },
		{ "duration", MEASURE_SPAN, MEASURE_NS, UNIT_NONE,
		    INPUT_BEGIN },
		{ "first", MEASURE_MIN, MEASURE_TIME, UNIT_NONE, INPUT_BEGIN },
		{ "last", MEASURE_MAX, MEASURE_TIME, UNIT_NONE, INPUT_END },
		{ "sum(octets)", MEASURE_SUM, MEASURE_UINT, UNIT_OCTETS,
		    COL_octets },
		{ "min(packets)", MEASURE_MIN, MEASURE_UINT, UNIT_PACKETS,
		    COL_packets },
		{ "max(flow_end)", MEASURE_MAX, MEASURE_TIME, UNIT_NONE,
		    COL_flow_end },
		{ "avg(octets)", MEASURE_AVG, MEASURE_REAL, UNIT_OCTETS,
		    COL_octets },
		{ "avg(duration)", MEASURE_AVG, MEASURE_NS, UNIT_NONE,
		    INPUT_DURATION },
		{ "sum(duration)", MEASURE_SUM, MEASURE_NS, UNIT_NONE,
		    INPUT_DURATION },
		{ "p50(duration)", MEASURE_PERCENTILE, MEASURE_NS, UNIT_NONE,
		    INPUT_DURATION },
		{ "p95(octets)", MEASURE_PERCENTILE, MEASURE_UINT, UNIT_OCTETS,
		    COL_octets },
		{ "distinct(src_addr)", MEASURE_DISTINCT, MEASURE_UINT,
		    UNIT_NONE, COL_src_addr },
		{ "distinct(octets)", MEASURE_DISTINCT, MEASURE_UINT,
		    UNIT_NONE, COL_octets },
		{ "distinct(recv_time)", MEASURE_DISTINCT, MEASURE_UINT,
		    UNIT_NONE, COL_recv_time },
		{ "distinct(src_mac)", MEASURE_DISTINCT, MEASURE_UINT,
		    UNIT_NONE, COL_src_mac },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct measures m = measures_of(cases[i].text);

		assert_int_equal(m.n, 1);
		assert_string_equal(m.measure[0].name, cases[i].text);
		assert_int_equal(m.measure[0].function, cases[i].function);
		assert_int_equal(m.measure[0].type, cases[i].type);
		assert_int_equal(m.measure[0].unit, cases[i].unit);
		assert_int_equal(m.measure[0].input, cases[i].input);
	}
}

static void
percentiles_have_one_decimal(void **state)
{
	static const struct {
		const char *text;
		unsigned permille;
	} cases[] = {
		{ "p0.1(octets)", 1 },
		{ "p1(octets)", 10 },
		{ "p50(octets)", 500 },
		{ "p95(octets)", 950 },
		{ "p95.0(octets)", 950 },
		{ "p99.9(octets)", 999 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(measures_of(cases[i].text).measure[0].permille,
		    cases[i].permille);
}

static void
measures_are_appended_and_found(void **state)
{
	struct measures m = measures_of("flows,octets,p95(octets)");
	struct flowd_error err;

	(void)state;
	assert_int_equal(m.n, 3);
	assert_int_equal(measures_parse(&m, "bps", &err), 0);
	assert_int_equal(m.n, 4);
	assert_int_equal(measures_find(&m, "p95(octets)"), 2);
	assert_int_equal(measures_find(&m, "bps"), 3);
	assert_int_equal(measures_find(&m, "pps"), -1);
	assert_int_equal(measures_parse(&m, "flows", &err), FLOWD_EINVAL);
	assert_int_equal(m.n, 4);
}

/* Is it said of each column what can be had of it, and nothing else? */
static void
functions_take_the_columns_that_make_sense(void **state)
{
	static const char *const function[] = { "sum", "min", "max", "avg",
		"p95", "distinct" };

	(void)state;
	for (unsigned col = 0; col < COL_COUNT; col++)
		for (unsigned i = 0; i < 6; i++) {
			const struct column_info *info = &column_info[col];
			bool number = info->type <= COLUMN_U64;
			bool time = info->type == COLUMN_TIME;
			bool can = number || (time && (i == 1 || i == 2)) ||
			    (i == 5 && info->type != COLUMN_BYTES);
			struct measures m = { .n = 0 };
			struct flowd_error err;
			char text[64];
			int got;

			(void)snprintf(text, sizeof(text), "%s(%s)",
			    function[i], info->name);
			can = can && !(info->flags & COLUMN_RECORD);
			got = measures_parse(&m, text, &err);
			if ((got == 0) != can)
				fail_msg("%s: %d", text, got);
		}
}

static void
errors_name_what_is_wrong_and_what_is_meant(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ "", "a measure is missing" },
		{ "flows,", "a measure is missing" },
		{ ",flows", "a measure is missing" },
		{ "flow", "flow: is no measure; do you mean flows?" },
		{ "bytes", "bytes: is no measure; do you mean octets?" },
		{ "packet", "packet: is no measure; do you mean packets?" },
		{ "src_addr", "src_addr: is a column; say what of it: "
			      "sum(src_addr)" },
		{ "xyzzyxyz", "xyzzyxyz: is no measure" },
		{ "sum", "sum: say of which column: sum(octets)" },
		{ "p95", "p95: say of which column: p95(octets)" },
		{ "sum()", "sum: say of which column: sum(octets)" },
		{ "sum(octets", "sum(octets: a ) is missing" },
		{ "sum(octets,packets)", "sum(octets: a ) is missing" },
		{ "sun(octets)",
		    "sun: is no measure; do you mean sum(COLUMN)?" },
		{ "sum(bytes)",
		    "sum(bytes): bytes is no column; do you mean octets?" },
		{ "sum(octet)",
		    "sum(octet): octet is no column; do you mean octets?" },
		{ "sum(xyzzyxyz)", "sum(xyzzyxyz): xyzzyxyz is no column" },
		{ "sum(src_addr)",
		    "sum(src_addr): is no measure; of src_addr there is "
		    "distinct()" },
		{ "p95(flow_end)",
		    "p95(flow_end): is no measure; of flow_end there is "
		    "min(), max() and distinct()" },
		{ "avg(recv_time)", "avg(recv_time): is no measure; of" },
		{ "distinct(other)", "distinct(other): is no measure" },
		{ "distinct(crc32)", "distinct(crc32): is no measure" },
		{ "p0(octets)", "p0: a percentile is p0.1 to p99.9" },
		{ "p100(octets)", "p100: a percentile is p0.1 to p99.9" },
		{ "p99.99(octets)", "p99.99: a percentile is p0.1 to p99.9" },
		{ "p50.(octets)", "p50.: a percentile is" },
		{ "p1e1(octets)", "p1e1: a percentile is" },
		{ "p0x5f(octets)", "p0x5f: a percentile is" },
		{ "p5000000000000000095(octets)", "p5000000000000000095: a p" },
		{ "p100", "p100: a percentile is p0.1 to p99.9" },
		{ "octets,octets", "octets: is there twice" },
		{ "a123456789b123456789c123456789d123456789e123456789",
		    "a123456789b123456789c123456789d123456789...: is no" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct measures m = { .n = 0 };
		struct flowd_error err = { .text = "" };

		assert_int_equal(
		    measures_parse(&m, cases[i].text, &err), FLOWD_EINVAL);
		if (strncmp(err.text, cases[i].said, strlen(cases[i].said)) !=
		    0)
			fail_msg("%s: said %s, not %s", cases[i].text,
			    err.text, cases[i].said);
	}
}

static void
more_measures_than_fit_are_refused(void **state)
{
	struct measures m = { .n = 0 };
	struct flowd_error err;
	char text[32];

	(void)state;
	for (unsigned i = 1; i <= MEASURES; i++) {
		(void)snprintf(text, sizeof(text), "p%u(octets)", i);
		assert_int_equal(measures_parse(&m, text, &err), 0);
	}
	assert_int_equal(measures_parse(&m, "flows", &err), FLOWD_EINVAL);
	assert_non_null(strstr(err.text, "more than 24 measures"));
	assert_int_equal(m.n, MEASURES);
}

static void
inputs_name_the_columns_that_they_need(void **state)
{
	struct colset begin = input_columns(INPUT_BEGIN);
	struct colset end = input_columns(INPUT_END);
	struct colset duration = input_columns(INPUT_DURATION);
	struct colset octets = input_columns(COL_octets);

	(void)state;
	assert_true(colset_has(&begin, COL_flow_start));
	assert_true(colset_has(&begin, COL_recv_time));
	assert_true(colset_has(&end, COL_flow_end));
	assert_true(colset_has(&end, COL_agent_time));
	assert_true(colset_has(&duration, COL_flow_start));
	assert_true(colset_has(&duration, COL_flow_end));
	assert_false(colset_has(&duration, COL_recv_time));
	assert_true(colset_has(&octets, COL_octets));
}

static void
help_has_a_line_for_each_word(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 64 * 1024);
	measures_describe(&out);
	buf_append_char(&out, '\0');
	assert_true(buf_ok(&out));
	assert_non_null(strstr((const char *)out.ptr, "flows\t"));
	assert_non_null(strstr((const char *)out.ptr, "\ndistinct(COLUMN)\t"));
	assert_non_null(strstr((const char *)out.ptr, "\npNN(COLUMN)\t"));
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_and_functions_are_measures),
		cmocka_unit_test(percentiles_have_one_decimal),
		cmocka_unit_test(measures_are_appended_and_found),
		cmocka_unit_test(functions_take_the_columns_that_make_sense),
		cmocka_unit_test(errors_name_what_is_wrong_and_what_is_meant),
		cmocka_unit_test(more_measures_than_fit_are_refused),
		cmocka_unit_test(inputs_name_the_columns_that_they_need),
		cmocka_unit_test(help_has_a_line_for_each_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
