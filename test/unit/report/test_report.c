/* Reports: the table, building and joining: lib/report/report.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "report.h"

static struct report r;

static int
setup(void **state)
{
	(void)state;
	report_init(&r, REPORT_OF_EXPORTERS, 1 << 22);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	report_fini(&r);
	return 0;
}

static void
row_put(const char *exporter, uint64_t flows, int64_t first_ns, int64_t last_ns)
{
	report_row(&r);
	report_set_text(&r, FIELD_EXPORTERS_exporter, exporter);
	report_set(&r, FIELD_EXPORTERS_flows, flows);
	report_set_ns(&r, FIELD_EXPORTERS_first_seen, first_ns);
	report_set_ns(&r, FIELD_EXPORTERS_last_seen, last_ns);
}

static void
assert_row(size_t row, const char *exporter, uint64_t flows)
{
	assert_string_equal(report_text(&r,
	    report_at(&r, row, FIELD_EXPORTERS_exporter)), exporter);
	assert_true(
	    report_at(&r, row, FIELD_EXPORTERS_flows)->number == flows);
}

/* Each field is in the kind that its number says, once, with a text. */
static void
the_table_is_sound(void **state)
{
	unsigned next = 0;

	(void)state;
	for (unsigned k = 0; k < REPORT_KINDS; k++) {
		const struct report_info *info = &report_info[k];

		assert_int_equal(info->first, next);
		assert_true(info->nfields > 0);
		next += info->nfields;
		for (unsigned i = 0; i < info->nfields; i++) {
			const struct report_field_info *f =
			    &report_field_info[info->first + i];

			assert_true(strlen(f->text) > 0);
			assert_int_equal(
			    f->title == NULL, f->show == SHOW_HIDDEN);
			assert_true(f->title == NULL ||
			    strlen(f->title) <= 20);
			assert_int_equal(f->metric == METRIC_NONE,
			    f->metric_name == NULL);
			for (unsigned j = 0; j < i; j++)
				assert_string_not_equal(f->name,
				    report_field_info[info->first + j].name);
		}
	}
	assert_int_equal(next, REPORT_FIELDS);
}

/* As Prometheus wants them: what only grows ends with _total. */
static void
metrics_have_names_of_their_own(void **state)
{
	(void)state;
	for (unsigned i = 0; i < REPORT_FIELDS; i++) {
		const struct report_field_info *f = &report_field_info[i];
		size_t len;

		if (f->metric == METRIC_NONE)
			continue;
		len = strlen(f->metric_name);
		assert_memory_equal(f->metric_name, "flowd_", 6);
		assert_int_equal(f->metric == METRIC_COUNTER,
		    strcmp(f->metric_name + len - 6, "_total") == 0);
		for (unsigned j = 0; j < i; j++)
			if (report_field_info[j].metric_name != NULL)
				assert_string_not_equal(f->metric_name,
				    report_field_info[j].metric_name);
	}
}

static void
rows_are_in_the_order_of_numbers_in_their_keys(void **state)
{
	(void)state;
	row_put("192.0.2.10", 1, 0, 0);
	row_put("192.0.2.9", 2, 0, 0);
	row_put("10.0.0.1", 3, 0, 0);
	row_put("2001:db8::1", 4, 0, 0);
	row_put("192.0.2.1", 5, 0, 0);
	assert_true(report_settle(&r));
	assert_int_equal(r.nrows, 5);
	assert_row(0, "10.0.0.1", 3);
	assert_row(1, "192.0.2.1", 5);
	assert_row(2, "192.0.2.9", 2);
	assert_row(3, "192.0.2.10", 1);
	assert_row(4, "2001:db8::1", 4);
}

static void
rows_with_the_same_keys_are_joined(void **state)
{
	(void)state;
	row_put("192.0.2.1", 1, 50, 60);
	row_put("192.0.2.2", 10, 1, 2);
	row_put("192.0.2.1", 2, 40, 55);
	row_put("192.0.2.1", 4, 45, 70);
	assert_true(report_settle(&r));
	assert_int_equal(r.nrows, 2);
	assert_row(0, "192.0.2.1", 7);
	assert_true(
	    report_at(&r, 0, FIELD_EXPORTERS_first_seen)->number == 40);
	assert_true(
	    report_at(&r, 0, FIELD_EXPORTERS_last_seen)->number == 70);
	assert_row(1, "192.0.2.2", 10);
	assert_false(report_at(&r, 0, FIELD_EXPORTERS_octets)->there);
}

/* Processes know different things of the same. */
static void
what_one_does_not_say_another_does(void **state)
{
	(void)state;
	report_reset(&r, REPORT_OF_FLOWS);
	report_row(&r);
	report_set(&r, FIELD_FLOWS_decoded, 9);
	report_row(&r);
	report_set(&r, FIELD_FLOWS_stored, 7);
	report_set(&r, FIELD_FLOWS_decoded, 1);
	assert_true(report_settle(&r));
	assert_int_equal(r.nrows, 1);
	assert_int_equal(report_at(&r, 0, FIELD_FLOWS_decoded)->number, 10);
	assert_int_equal(report_at(&r, 0, FIELD_FLOWS_stored)->number, 7);
	assert_false(report_at(&r, 0, FIELD_FLOWS_waiting)->there);
}

static void
negative_times_are_less(void **state)
{
	(void)state;
	row_put("x", 0, 5, -5);
	row_put("x", 0, -5, -6);
	assert_true(report_settle(&r));
	assert_true((int64_t)report_at(&r, 0, FIELD_EXPORTERS_first_seen)
			->number == -5);
	assert_true((int64_t)report_at(&r, 0, FIELD_EXPORTERS_last_seen)
			->number == -5);
}

/* Against one that is slow and plain. */
static void
many_rows_are_joined(void **state)
{
	uint64_t sums[100] = { 0 };
	uint32_t seed = 1;
	char text[16];

	(void)state;
	for (int i = 0; i < 3000; i++) {
		seed = seed * 1103515245 + 12345;
		(void)snprintf(text, sizeof(text), "%u",
		    (unsigned)(seed >> 16) % 100);
		sums[(seed >> 16) % 100] += (uint64_t)i;
		row_put(text, (uint64_t)i, i, i);
	}
	assert_true(report_settle(&r));
	assert_int_equal(r.nrows, 100);
	for (unsigned i = 0; i < 100; i++) {
		(void)snprintf(text, sizeof(text), "%u", i);
		assert_row(i, text, sums[i]);
	}
}

static void
what_does_not_fit_is_noted(void **state)
{
	struct report small;

	(void)state;
	report_init(&small, REPORT_OF_EXPORTERS, 4096);
	for (int i = 0; i < 100; i++)
		report_row(&small);
	assert_false(report_ok(&small));
	assert_true(small.nrows < 100);
	report_set(&small, FIELD_EXPORTERS_flows, 1);
	report_set_text(&small, FIELD_EXPORTERS_exporter, "x");
	report_reset(&small, REPORT_OF_RULES);
	assert_true(report_ok(&small));
	report_fini(&small);
}

static void
a_text_ends_at_its_zero(void **state)
{
	const struct report_cell *c;

	(void)state;
	report_row(&r);
	report_set_bytes(&r, FIELD_EXPORTERS_exporter,
	    (struct bytes){ (const uint8_t *)"ab\0c", 4 });
	c = report_at(&r, 0, FIELD_EXPORTERS_exporter);
	assert_int_equal(c->len, 2);
	assert_string_equal(report_text(&r, c), "ab");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_sound),
		cmocka_unit_test(metrics_have_names_of_their_own),
		cmocka_unit_test_setup_teardown(
		    rows_are_in_the_order_of_numbers_in_their_keys, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    rows_with_the_same_keys_are_joined, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_one_does_not_say_another_does, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    negative_times_are_less, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    many_rows_are_joined, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_does_not_fit_is_noted, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_text_ends_at_its_zero, setup, teardown),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
