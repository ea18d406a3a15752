/* Reports between processes: lib/report/report_wire.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report.h"

static struct report r, got;
static struct buf out;

static int
setup(void **state)
{
	(void)state;
	report_init(&r, REPORT_OF_TEMPLATES, 1 << 20);
	report_init(&got, REPORT_OF_TEMPLATES, 1 << 20);
	buf_init(&out, 1 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	report_fini(&r);
	report_fini(&got);
	buf_fini(&out);
	return 0;
}

static void
row_put(uint64_t id)
{
	report_row(&r);
	report_set_text(&r, FIELD_TEMPLATES_exporter, "192.0.2.1");
	report_set(&r, FIELD_TEMPLATES_template, id);
	report_set(&r, FIELD_TEMPLATES_options, id % 2);
	report_set_ns(&r, FIELD_TEMPLATES_last_seen, -1);
}

static struct bytes
out_bytes(void)
{
	return (struct bytes){ out.ptr, out.len };
}

static void
rows_come_back(void **state)
{
	(void)state;
	row_put(256);
	row_put(257);
	assert_int_equal(report_encode(&r, 0, 4096, &out), 2);
	assert_int_equal(report_peek(out_bytes()), REPORT_OF_TEMPLATES);
	assert_int_equal(report_decode(&got, out_bytes()), 0);
	assert_int_equal(got.nrows, 2);
	assert_string_equal(report_text(&got,
	    report_at(&got, 1, FIELD_TEMPLATES_exporter)), "192.0.2.1");
	assert_int_equal(
	    report_at(&got, 1, FIELD_TEMPLATES_template)->number, 257);
	assert_int_equal(
	    report_at(&got, 1, FIELD_TEMPLATES_options)->number, 1);
	assert_true(report_at(&got, 0, FIELD_TEMPLATES_last_seen)->number ==
	    UINT64_MAX);
	assert_false(report_at(&got, 0, FIELD_TEMPLATES_domain)->there);
}

static void
many_rows_go_in_portions(void **state)
{
	size_t row = 0;
	int portions = 0;

	(void)state;
	for (uint64_t i = 0; i < 1000; i++)
		row_put(i);
	while (row < r.nrows) {
		buf_reset(&out);
		row = report_encode(&r, row, 1000, &out);
		assert_true(out.len <= 1000);
		assert_int_equal(report_decode(&got, out_bytes()), 0);
		assert_int_equal(got.nrows, row);
		portions++;
	}
	assert_true(portions > 10);
	for (uint64_t i = 0; i < 1000; i++)
		assert_true(report_at(&got, i, FIELD_TEMPLATES_template)
				->number == i);
}

static void
no_rows_are_a_report(void **state)
{
	(void)state;
	assert_int_equal(report_encode(&r, 0, 1000, &out), 0);
	assert_int_equal(report_decode(&got, out_bytes()), 0);
	assert_int_equal(got.nrows, 0);
}

/* Any beginning of it, and any octet of it changed, is refused or harmless. */
static void
damage_is_refused_or_harmless(void **state)
{
	(void)state;
	row_put(256);
	row_put(257);
	(void)report_encode(&r, 0, 4096, &out);
	for (size_t len = 0; len < out.len; len++) {
		report_reset(&got, REPORT_OF_TEMPLATES);
		assert_true(report_decode(&got,
				(struct bytes){ out.ptr, len }) < 0);
	}
	for (size_t i = 0; i < out.len; i++)
		for (int bit = 0; bit < 8; bit++) {
			report_reset(&got, REPORT_OF_TEMPLATES);
			out.ptr[i] ^= (uint8_t)(1 << bit);
			(void)report_decode(&got, out_bytes());
			out.ptr[i] ^= (uint8_t)(1 << bit);
			assert_true(got.nrows <= 3);
		}
}

static void
assert_refused(size_t at, uint8_t octet, int why)
{
	uint8_t before = out.ptr[at];

	out.ptr[at] = octet;
	report_reset(&got, REPORT_OF_TEMPLATES);
	assert_int_equal(report_decode(&got, out_bytes()), why);
	out.ptr[at] = before;
}

static void
what_is_not_as_it_should_be_is_refused(void **state)
{
	(void)state;
	row_put(256);
	(void)report_encode(&r, 0, 4096, &out);
	assert_refused(0, REPORT_OF_RULES, FLOWD_EFORMAT);
	assert_refused(1, 3, FLOWD_EVERSION);
	assert_refused(5, 2, FLOWD_EFORMAT); /* rows */
	assert_refused(6, 0xff, FLOWD_EFORMAT); /* a field there is not */
	assert_refused(16, 0, FLOWD_EFORMAT); /* a 0 in a text */
	assert_refused(14, 0xff, FLOWD_EFORMAT); /* its length */
	assert_refused(33, 2, FLOWD_EFORMAT); /* a flag */
	out.ptr[0] = REPORT_KINDS;
	assert_int_equal(report_peek(out_bytes()), FLOWD_EFORMAT);
}

static void
rows_that_do_not_fit_are_told_of(void **state)
{
	struct report small;

	(void)state;
	for (uint64_t i = 0; i < 100; i++)
		row_put(i);
	(void)report_encode(&r, 0, 1 << 20, &out);
	report_init(&small, REPORT_OF_TEMPLATES, 4096);
	assert_int_equal(report_decode(&small, out_bytes()), FLOWD_ENOMEM);
	report_fini(&small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    rows_come_back, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    many_rows_go_in_portions, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    no_rows_are_a_report, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    damage_is_refused_or_harmless, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_is_not_as_it_should_be_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    rows_that_do_not_fit_are_told_of, setup, teardown),
	};

	return cmocka_run_group_tests_name("report_wire", tests, NULL, NULL);
}
