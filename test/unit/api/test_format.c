/* Flows as text, of the public header: lib/api/flowd_format.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <flowd/flowd.h>

/* Two flows. */
static struct flowd_batch *
flows(void)
{
	struct flowd_batch *b = flowd_batch_new(NULL, 0, NULL);
	struct flowd_addr a;

	assert_non_null(b);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(flowd_batch_append(b), i);
		assert_int_equal(flowd_addr_parse("192.0.2.1", &a), 0);
		assert_int_equal(
		    flowd_batch_set_addr(b, FLOWD_COL_src_addr, i, &a), 0);
		assert_int_equal(
		    flowd_batch_set_uint(b, FLOWD_COL_octets, i, 7 + i), 0);
		assert_int_equal(flowd_batch_set_time(b, FLOWD_COL_recv_time,
				     i, INT64_C(1700000000000001000)),
		    0);
	}
	return b;
}

static void
text_is(struct flowd_formatter *f, const struct flowd_batch *b, size_t first,
    size_t n, const char *want)
{
	const char *text;
	size_t len;

	assert_int_equal(
	    flowd_formatter_rows(f, b, first, n, &text, &len, NULL), 0);
	assert_string_equal(text, want);
	assert_int_equal(len, strlen(want));
}

static void
each_format_is_the_one_of_the_reader(void **state)
{
	static const struct {
		struct flowd_format_options o;
		const char *head, *row;
	} cases[] = {
		{ { .format = FLOWD_FORMAT_TEXT, .utc = 1 }, "",
		    "FLOW recv_time 2023-11-14T22:13:20.00001 "
		    "src [192.0.2.1] octets 7 \n" },
		{ { .format = FLOWD_FORMAT_TEXT, .fields = 1 << 13 }, "",
		    "FLOW octets 7 \n" },
		{ { .format = FLOWD_FORMAT_JSON }, "",
		    "{\"recv_time\":\"2023-11-14T22:13:20.000001Z\","
		    "\"src_addr\":\"192.0.2.1\",\"octets\":7}\n" },
		{ { .format = FLOWD_FORMAT_CSV,
		      .columns = "octets,src_addr" },
		    "octets,src_addr\n", "7,192.0.2.1\n" },
	};
	struct flowd_batch *b = flows();
	const char *text;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct flowd_formatter *f =
		    flowd_formatter_new(&cases[i].o, NULL);

		assert_non_null(f);
		assert_int_equal(
		    flowd_formatter_head(f, &text, &len, NULL), 0);
		assert_string_equal(text, cases[i].head);
		assert_int_equal(len, strlen(cases[i].head));
		text_is(f, b, 0, 1, cases[i].row);
		flowd_formatter_free(f);
	}
	flowd_batch_free(b);
}

static void
rows_are_those_that_are_asked_for(void **state)
{
	const struct flowd_format_options o = { .format = FLOWD_FORMAT_CSV,
		.columns = "octets" };
	struct flowd_formatter *f = flowd_formatter_new(&o, NULL);
	struct flowd_batch *b = flows();

	(void)state;
	assert_string_equal(flowd_formatter_columns(f), "octets");
	text_is(f, b, 0, SIZE_MAX, "7\n8\n");
	text_is(f, b, 1, 1, "8\n");
	text_is(f, b, 0, 0, "");
	text_is(f, b, 2, 1, "");
	flowd_batch_free(b);
	flowd_formatter_free(f);
	flowd_formatter_free(NULL);
}

static void
columns_of_text_are_those_of_its_fields(void **state)
{
	struct flowd_format_options o = { .fields = 1 << 13 | 1 << 12 };
	struct flowd_formatter *f = flowd_formatter_new(&o, NULL);

	(void)state;
	assert_string_equal(flowd_formatter_columns(f), "packets,octets");
	flowd_formatter_free(f);
	o.fields = FLOWD_FIELDS_ALL;
	f = flowd_formatter_new(&o, NULL);
	assert_non_null(strstr(flowd_formatter_columns(f), "flow_start,"));
	assert_non_null(strstr(flowd_formatter_columns(f), "crc32"));
	flowd_formatter_free(f);
}

static void
what_is_no_format_is_refused(void **state)
{
	struct flowd_format_options o = { .format = 4 };
	struct flowd_error err;

	(void)state;
	assert_null(flowd_formatter_new(&o, &err));
	assert_string_equal(err.text, "4 is no format");
	o = (struct flowd_format_options) { .format = FLOWD_FORMAT_JSON,
		.columns = "bytes" };
	assert_null(flowd_formatter_new(&o, &err));
	assert_string_equal(
	    err.text, "no column \"bytes\"; did you mean \"octets\"?");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_format_is_the_one_of_the_reader),
		cmocka_unit_test(rows_are_those_that_are_asked_for),
		cmocka_unit_test(columns_of_text_are_those_of_its_fields),
		cmocka_unit_test(what_is_no_format_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
