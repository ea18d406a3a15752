/* Reports for people and programs: lib/report/show_*.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "show.h"

static const int64_t second = 1000000000;
static const int64_t now_s = 1700000000;

static struct report r;
static struct buf out;
static struct show how;

static int
setup(void **state)
{
	(void)state;
	report_init(&r, REPORT_OF_MALFORMED, 1 << 20);
	buf_init(&out, 1 << 20);
	how = (struct show){ .now_ns = now_s * second, .utc = true };
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	report_fini(&r);
	buf_fini(&out);
	return 0;
}

static void
assert_out(const char *want)
{
	buf_append_char(&out, '\0');
	assert_true(buf_ok(&out));
	assert_string_equal(out.ptr, want);
	buf_reset(&out);
}

static void
put_malformed(const char *exporter, const char *reason, uint64_t n)
{
	report_row(&r);
	report_set_text(&r, FIELD_MALFORMED_exporter, exporter);
	report_set_text(&r, FIELD_MALFORMED_reason, reason);
	report_set(&r, FIELD_MALFORMED_count, n);
}

static void
put_exporter(void)
{
	report_reset(&r, REPORT_OF_EXPORTERS);
	report_row(&r);
	report_set_text(&r, FIELD_EXPORTERS_exporter, "192.0.2.1");
	report_set(&r, FIELD_EXPORTERS_version, 9);
	report_set(&r, FIELD_EXPORTERS_datagrams, 12345678);
	report_set(&r, FIELD_EXPORTERS_octets, 2048);
	report_set(&r, FIELD_EXPORTERS_flows, 99999);
	report_set(&r, FIELD_EXPORTERS_missing, 0);
	report_set(&r, FIELD_EXPORTERS_late, 0);
	report_set_text(&r, FIELD_EXPORTERS_sequence_unit, "flows");
	report_set_ns(&r, FIELD_EXPORTERS_clock_offset, -250 * 1000000);
	report_set_ns(
	    &r, FIELD_EXPORTERS_last_seen, (now_s - 12) * second);
}

/* What is 0 in all rows takes no column; what is not there is a hyphen. */
static void
a_table_has_units_and_no_empty_columns(void **state)
{
	(void)state;
	put_exporter();
	report_row(&r);
	report_set_text(&r, FIELD_EXPORTERS_exporter, "2001:db8::1");
	report_set(&r, FIELD_EXPORTERS_repeated, 3);
	show_text(&r, &how, &out);
	assert_out(
	    "exporter     ver  datagrams   flows  missing  unit   twice"
	    "    clock      seen\n"
	    "192.0.2.1      9     12.3 M  99 999        0  flows      -"
	    "  -250 ms  12 s ago\n"
	    "2001:db8::1    -          -       -        -  -          3"
	    "        -         -\n");
}

static void
a_list_has_all_that_says_something(void **state)
{
	(void)state;
	put_exporter();
	how.details = true;
	show_text(&r, &how, &out);
	assert_out("exporters\n"
		   "  exporter   192.0.2.1\n"
		   "  ver        9\n"
		   "  datagrams  12 345 678\n"
		   "  octets     2.00 KiB\n"
		   "  flows          99 999\n"
		   "  missing             0\n"
		   "  unit       flows\n"
		   "  clock      -250 ms\n"
		   "  seen       2023-11-14 22:13:08, 12 s ago\n");
}

static void
a_long_text_goes_on_below(void **state)
{
	(void)state;
	report_reset(&r, REPORT_OF_RULES);
	report_row(&r);
	report_set_text(&r, FIELD_RULES_text,
	    "discard quick src { 192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 "
	    "192.0.2.5 192.0.2.6 192.0.2.7 }");
	how.details = true;
	show_text(&r, &how, &out);
	assert_out("rules\n"
		   "  text  discard quick src { 192.0.2.1 192.0.2.2 "
		   "192.0.2.3 192.0.2.4 192.0.2.5\n"
		   "        192.0.2.6 192.0.2.7 }\n");
}

static void
no_rows_are_nothing_for_people(void **state)
{
	(void)state;
	show_text(&r, &how, &out);
	assert_int_equal(out.len, 0);
}

static void
json_is_an_object_a_row(void **state)
{
	(void)state;
	put_exporter();
	show_json(&r, &out);
	assert_out("{\"report\":\"exporters\",\"exporter\":\"192.0.2.1\","
		   "\"version\":9,\"datagrams\":12345678,\"octets\":2048,"
		   "\"flows\":99999,\"missing\":0,"
		   "\"sequence_unit\":\"flows\",\"late\":0,"
		   "\"clock_offset\":-0.25,"
		   "\"last_seen\":\"2023-11-14T22:13:08Z\"}\n");
}

/* Texts may come from the network. */
static void
texts_do_no_harm(void **state)
{
	(void)state;
	put_malformed("a\"\\\n\x1b[2J\xff", "x", 1);
	show_json(&r, &out);
	assert_out("{\"report\":\"malformed\",\"exporter\":"
		   "\"a\\\"\\\\\\u000a\\u001b[2J\\ufffd\","
		   "\"reason\":\"x\",\"count\":1}\n");
}

static void
texts_do_no_harm_to_people(void **state)
{
	(void)state;
	put_malformed("a\n\x1b[2J", "x", 1);
	show_text(&r, &how, &out);
	assert_out("exporter  malformed  times  which is\n"
		   "a??[2J    x              1  -\n");
}

static void
metrics_have_the_keys_as_labels(void **state)
{
	(void)state;
	put_malformed("192.0.2.1", "length", 7);
	show_metrics(&r, &out);
	assert_out("# HELP flowd_exporter_malformed_total how often datagrams "
		   "were malformed in this way\n"
		   "# TYPE flowd_exporter_malformed_total counter\n"
		   "flowd_exporter_malformed_total{exporter=\"192.0.2.1\","
		   "reason=\"length\"} 7\n");
}

static void
metrics_of_texts_times_and_numbers(void **state)
{
	char *text;

	(void)state;
	report_reset(&r, REPORT_OF_STATUS);
	report_row(&r);
	report_set_text(&r, FIELD_STATUS_version, "1.0");
	report_set_ns(
	    &r, FIELD_STATUS_started, now_s * second + second / 2);
	show_metrics(&r, &out);
	buf_append_char(&out, '\0');
	text = (char *)out.ptr;
	assert_non_null(strstr(text, "\nflowd_info{version=\"1.0\"} 1\n"));
	assert_non_null(
	    strstr(text, "\nflowd_start_time_seconds 1700000000.5\n"));
	assert_null(strstr(text, "\nflowd_exporters "));
	assert_non_null(strstr(text, "\n# TYPE flowd_exporters gauge\n"));
}

static void
put_limit(const char *name, uint64_t hits)
{
	report_row(&r);
	report_set_text(&r, FIELD_LIMITS_limit, name);
	report_set(&r, FIELD_LIMITS_value, 64);
	report_set(&r, FIELD_LIMITS_hits, hits);
	report_set_text(&r, FIELD_LIMITS_last, hits > 0 ? "192.0.2.1" : "");
}

/* They are in JSON and the metrics all the same. */
static void
rows_that_say_nothing_are_left_out(void **state)
{
	(void)state;
	report_reset(&r, REPORT_OF_LIMITS);
	put_limit("exporters", 0);
	assert_false(show_has_rows(&r));
	show_text(&r, &how, &out);
	assert_out("");
	put_limit("streams", 3);
	put_limit("samplers", 0);
	assert_true(show_has_rows(&r));
	/* Also when one exporter is asked for: a row a line. */
	how.details = true;
	show_text(&r, &how, &out);
	assert_out("limit    is  reached  last by    which is\n"
		   "streams  64        3  192.0.2.1  -\n");
	show_json(&r, &out);
	buf_append_char(&out, '\0');
	assert_non_null(strstr((const char *)out.ptr, "samplers"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    rows_that_say_nothing_are_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_table_has_units_and_no_empty_columns, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_list_has_all_that_says_something, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_long_text_goes_on_below, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    no_rows_are_nothing_for_people, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    json_is_an_object_a_row, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    texts_do_no_harm, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    texts_do_no_harm_to_people, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    metrics_have_the_keys_as_labels, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    metrics_of_texts_times_and_numbers, setup, teardown),
	};

	return cmocka_run_group_tests_name("show", tests, NULL, NULL);
}
