/* Metrics for Prometheus: lib/format/prometheus.c. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "prometheus.h"

static struct buf out;
static struct prometheus p;

static int
setup(void **state)
{
	(void)state;
	buf_init(&out, 1 << 20);
	prometheus_init(&p, &out);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	buf_fini(&out);
	return 0;
}

static void
assert_text(const char *want)
{
	assert_true(buf_ok(&out));
	buf_append_char(&out, '\0');
	assert_string_equal(out.ptr, want);
	buf_reset(&out);
}

static void
a_metric_is_help_type_and_samples(void **state)
{
	const struct prometheus_label labels[] = { { "exporter", "192.0.2.1" },
		{ "reason", "short-header" }, { NULL, NULL } };

	(void)state;
	prometheus_metric(&p, "flowd_flows_total", PROMETHEUS_COUNTER,
	    "Flows decoded.");
	prometheus_u64(&p, NULL, UINT64_MAX);
	prometheus_u64(&p, labels, 0);
	prometheus_u64(&p, labels + 2, 1);
	prometheus_metric(&p, "flowd:queue", PROMETHEUS_GAUGE, "");
	prometheus_double(&p, labels + 1, 0.5);
	assert_text("# HELP flowd_flows_total Flows decoded.\n"
		    "# TYPE flowd_flows_total counter\n"
		    "flowd_flows_total 18446744073709551615\n"
		    "flowd_flows_total{exporter=\"192.0.2.1\","
		    "reason=\"short-header\"} 0\n"
		    "flowd_flows_total 1\n"
		    "# HELP flowd:queue \n"
		    "# TYPE flowd:queue gauge\n"
		    "flowd:queue{reason=\"short-header\"} 0.5\n");
}

static void
values_of_labels_are_escaped(void **state)
{
	const struct prometheus_label labels[] = {
		{ "a", "q\"b\\n\nt\té\xff" }, { "_b1", "" }, { NULL, NULL }
	};

	(void)state;
	prometheus_metric(&p, "m", PROMETHEUS_GAUGE, "q\"b\\n\n");
	prometheus_u64(&p, labels, 1);
	assert_text("# HELP m q\"b\\\\n\\n\n# TYPE m gauge\n"
		    "m{a=\"q\\\"b\\\\n\\nt\té\xef\xbf\xbd\",_b1=\"\"} 1\n");
}

static void
numbers_are_short_and_exact(void **state)
{
	static const struct {
		double v;
		const char *text;
	} rows[] = { { 0, "m 0\n" }, { 0.1, "m 0.1\n" },
		{ 1e300, "m 1e+300\n" },
		{ 1.0 / 3, "m 0.3333333333333333\n" }, { -2, "m -2\n" },
		{ 1700000000.123456, "m 1700000000.123456\n" },
		{ (double)INFINITY, "m +Inf\n" },
		{ -(double)INFINITY, "m -Inf\n" }, { (double)NAN, "m NaN\n" } };
	struct random r = { 1 };

	(void)state;
	prometheus_metric(&p, "m", PROMETHEUS_GAUGE, "");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&out);
		prometheus_double(&p, NULL, rows[i].v);
		assert_text(rows[i].text);
	}
	for (unsigned i = 0; i < 100000; i++) {
		uint64_t bits = random_u64(&r);
		double v;

		memcpy(&v, &bits, sizeof(v));
		if (isnan(v) || isinf(v))
			continue;
		prometheus_double(&p, NULL, v);
		buf_append_char(&out, '\0');
		assert_true(strtod((char *)out.ptr + 2, NULL) == v);
		buf_reset(&out);
	}
}

static void
names_that_are_none_fail(void **state)
{
	static const char *const metrics[] = { "", "1a", "a b", "a-b", "é",
		"a\n" };
	static const char *const names[] = { "", "1a", "a:b", "__a", "a\"" };

	(void)state;
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++) {
		buf_reset(&out);
		prometheus_metric(&p, metrics[i], PROMETHEUS_GAUGE, "");
		assert_false(buf_ok(&out));
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct prometheus_label l[] = { { names[i], "" },
			{ NULL, NULL } };

		buf_reset(&out);
		prometheus_metric(&p, "m", PROMETHEUS_GAUGE, "");
		prometheus_u64(&p, l, 1);
		assert_false(buf_ok(&out));
	}
	buf_reset(&out);
	prometheus_init(&p, &out);
	prometheus_u64(&p, NULL, 1);
	assert_false(buf_ok(&out));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_metric_is_help_type_and_samples),
		T(values_of_labels_are_escaped),
		T(numbers_are_short_and_exact),
		T(names_that_are_none_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
