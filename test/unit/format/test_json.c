/* JSON and other elements: lib/format/fmt_json.c, other_put.c, value.c. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "rows.h"

static void
a_row_without_values_is_an_empty_object(void **state)
{
	struct rows rows;

	(void)state;
	rows_init(&rows);
	batch_append(rows.batch, 2);
	assert_string_equal(rows_print(&rows, &format_json), "{}\n{}\n");
	rows_fini(&rows);
}

static void
values_are_of_the_type_of_their_column(void **state)
{
	const struct addr v4 = addr_from_v4(0x0a000001);
	const struct addr v6 = addr_from_v6((struct addr6) {
	    UINT64_C(0x20010db800000000), 1 });
	struct rows rows;

	(void)state;
	rows_init(&rows);
	batch_append(rows.batch, 1);
	batch_set_uint(rows.batch, COL_recv_time, 0,
	    UINT64_C(1795408432674663000));
	batch_set_addr(rows.batch, COL_src_addr, 0, &v4);
	batch_set_addr(rows.batch, COL_dst_addr, 0, &v6);
	batch_set_uint(rows.batch, COL_protocol, 0, 17);
	batch_set_uint(rows.batch, COL_tcp_flags, 0, 0);
	batch_set_uint(rows.batch, COL_octets, 0, UINT64_MAX);
	batch_set_uint(rows.batch, COL_src_mac, 0, UINT64_C(0x001122aabbcc));
	assert_string_equal(rows_print(&rows, &format_json),
	    "{\"recv_time\":\"2026-11-23T04:33:52.674663Z\","
	    "\"src_addr\":\"10.0.0.1\",\"dst_addr\":\"2001:db8::1\","
	    "\"protocol\":17,\"tcp_flags\":0,"
	    "\"octets\":18446744073709551615,"
	    "\"src_mac\":\"00:11:22:aa:bb:cc\"}\n");
	rows_fini(&rows);
}

static void
columns_that_a_row_lacks_are_absent(void **state)
{
	struct rows rows;

	(void)state;
	rows_init(&rows);
	batch_append(rows.batch, 3);
	batch_set_uint(rows.batch, COL_src_port, 0, 1);
	batch_set_uint(rows.batch, COL_dst_port, 2, 2);
	assert_string_equal(rows_print(&rows, &format_json),
	    "{\"src_port\":1}\n{}\n{\"dst_port\":2}\n");
	rows_fini(&rows);
}

static void
columns_of_the_record_are_not_printed(void **state)
{
	struct rows rows;

	(void)state;
	rows_init(&rows);
	batch_append(rows.batch, 1);
	batch_set_uint(rows.batch, COL_crc32, 0, 1);
	batch_set_uint(rows.batch, COL_recv_time_carry, 0, 1);
	batch_set_uint(rows.batch, COL_agent_time_carry, 0, 1);
	assert_string_equal(rows_print(&rows, &format_json), "{}\n");
	rows_fini(&rows);
}

static void
columns_can_be_chosen_and_ordered(void **state)
{
	static const uint8_t order[] = { COL_octets, COL_src_port, COL_tag };
	struct rows rows;

	(void)state;
	rows_init(&rows);
	batch_append(rows.batch, 1);
	batch_set_uint(rows.batch, COL_src_port, 0, 1);
	batch_set_uint(rows.batch, COL_dst_port, 0, 2);
	batch_set_uint(rows.batch, COL_octets, 0, 3);
	colset_remove(&rows.formatter.cols, COL_dst_port);
	assert_string_equal(rows_print(&rows, &format_json),
	    "{\"src_port\":1,\"octets\":3}\n");
	rows.formatter.order = order;
	rows.formatter.norder = 3;
	assert_string_equal(rows_print(&rows, &format_json),
	    "{\"octets\":3,\"src_port\":1}\n");
	rows_fini(&rows);
}

static void
only_selected_rows_are_printed(void **state)
{
	struct rows rows;

	(void)state;
	rows_init(&rows);
	batch_append(rows.batch, 100);
	for (size_t row = 0; row < 100; row++)
		batch_set_uint(rows.batch, COL_tag, row, row);
	bitmap_clear_range(rows.batch->selected, 0, 100);
	bitmap_set(rows.batch->selected, 0);
	bitmap_set(rows.batch->selected, 99);
	assert_string_equal(rows_print(&rows, &format_json),
	    "{\"tag\":0}\n{\"tag\":99}\n");
	rows_fini(&rows);
}

/* The object of one element with one value. */
static void
assert_element(unsigned type, const void *value, size_t len, const char *want)
{
	struct element_text text;
	struct rows rows;
	char line[4096];

	rows_init(&rows);
	batch_append(rows.batch, 1);
	rows_other(&rows, 0);
	rows_element(&rows, 0, PEN_IANA, (uint16_t)type, value, len);
	rows_lookup(PEN_IANA, (uint16_t)type, &text);
	(void)snprintf(line, sizeof(line), "{\"other\":{\"%s\":%s}}\n",
	    text.name, want);
	assert_string_equal(rows_print(&rows, &format_json), line);
	rows_fini(&rows);
}

static void
numbers_may_have_one_to_eight_octets(void **state)
{
	const uint8_t ff[9] = { 255, 255, 255, 255, 255, 255, 255, 255, 255 };

	(void)state;
	assert_element(ELEMENT_UNSIGNED, "\x05", 1, "5");
	assert_element(ELEMENT_UNSIGNED, "\1\0\0", 3, "65536");
	assert_element(ELEMENT_UNSIGNED, ff, 8, "18446744073709551615");
	assert_element(ELEMENT_SIGNED, "\x05", 1, "5");
	assert_element(ELEMENT_SIGNED, ff, 1, "-1");
	assert_element(ELEMENT_SIGNED, "\x80\0\0", 3, "-8388608");
	assert_element(ELEMENT_SIGNED, "\x7f\xff", 2, "32767");
	assert_element(ELEMENT_SIGNED, "\x80\0\0\0\0\0\0\0", 8,
	    "-9223372036854775808");
}

static void
floats_have_the_digits_that_matter(void **state)
{
	(void)state;
	assert_element(ELEMENT_FLOAT, "\x3f\x80\0\0", 4, "1");
	assert_element(ELEMENT_FLOAT, "\x3d\xcc\xcc\xcd", 4, "0.100000001");
	assert_element(ELEMENT_FLOAT, "\x3f\xb9\x99\x99\x99\x99\x99\x9a", 8,
	    "0.10000000000000001");
	/* Infinity and what is no number are none in JSON. */
	assert_element(ELEMENT_FLOAT, "\x7f\x80\0\0", 4, "null");
	assert_element(ELEMENT_FLOAT, "\x7f\xc0\0\0", 4, "null");
	assert_element(ELEMENT_FLOAT, "\xff\xf0\0\0\0\0\0\0", 8, "null");
}

static void
booleans_are_one_and_two(void **state)
{
	(void)state;
	assert_element(ELEMENT_BOOLEAN, "\1", 1, "true");
	assert_element(ELEMENT_BOOLEAN, "\2", 1, "false");
	assert_element(ELEMENT_BOOLEAN, "\0", 1, "0");
	assert_element(ELEMENT_BOOLEAN, "\3", 1, "3");
}

static void
addresses_are_strings(void **state)
{
	(void)state;
	assert_element(ELEMENT_ADDR4, "\xc0\0\2\1", 4, "\"192.0.2.1\"");
	assert_element(ELEMENT_ADDR6, "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1",
	    16, "\"2001:db8::1\"");
	assert_element(ELEMENT_MAC, "\0\x11\x22\xaa\xbb\xcc", 6,
	    "\"00:11:22:aa:bb:cc\"");
}

static void
times_are_rfc3339(void **state)
{
	(void)state;
	assert_element(ELEMENT_SECONDS, "\x65\x53\xf1\0", 4,
	    "\"2023-11-14T22:13:20Z\"");
	assert_element(ELEMENT_MILLISECONDS, "\0\0\1\x8b\xcf\xe5\x68\1", 8,
	    "\"2023-11-14T22:13:20.001Z\"");
	/* Half a second of 2023 in NTP's first era, of 2036 in its second. */
	assert_element(ELEMENT_NANOSECONDS, "\xe8\xfe\x6f\x80\x80\0\0\0", 8,
	    "\"2023-11-14T22:13:20.500Z\"");
	assert_element(ELEMENT_NANOSECONDS, "\0\0\0\0\x80\0\0\0", 8,
	    "\"2036-02-07T06:28:16.500Z\"");
	/* 123456 us cut to 32 bits: not 123455.999. */
	assert_element(ELEMENT_MICROSECONDS, "\xe8\xfe\x6f\x80\x1f\x9a\xcf\xfa",
	    8, "\"2023-11-14T22:13:20.123456Z\"");
	/* One that rounds up to the next second. */
	assert_element(ELEMENT_MICROSECONDS, "\xe8\xfe\x6f\x80\xff\xff\xff\xff",
	    8, "\"2023-11-14T22:13:21Z\"");
}

static void
times_past_all_bounds_are_the_last(void **state)
{
	(void)state;
	assert_element(ELEMENT_SECONDS, "\xff\xff\xff\xff\xff\xff\xff\xff", 8,
	    "\"2262-04-11T23:47:16Z\"");
	assert_element(ELEMENT_MILLISECONDS,
	    "\xff\xff\xff\xff\xff\xff\xff\xff", 8,
	    "\"2262-04-11T23:47:16.854Z\"");
}

static void
octets_are_hexadecimal(void **state)
{
	(void)state;
	assert_element(ELEMENT_OCTETS, "\0\1\xfe", 3, "\"0001fe\"");
	assert_element(ELEMENT_OCTETS, "", 0, "\"\"");
}

static void
a_value_of_a_wrong_length_is_hexadecimal(void **state)
{
	static const struct {
		uint8_t type;
		uint32_t good;	/* a bit for every length that is right */
	} cases[] = {
		{ ELEMENT_UNSIGNED, 0x1fe },
		{ ELEMENT_SIGNED, 0x1fe },
		{ ELEMENT_FLOAT, 1 << 4 | 1 << 8 },
		{ ELEMENT_BOOLEAN, 1 << 1 },
		{ ELEMENT_ADDR4, 1 << 4 },
		{ ELEMENT_ADDR6, 1 << 16 },
		{ ELEMENT_MAC, 1 << 6 },
		{ ELEMENT_SECONDS, 0x1fe },
		{ ELEMENT_MILLISECONDS, 0x1fe },
		{ ELEMENT_MICROSECONDS, 1 << 8 },
		{ ELEMENT_NANOSECONDS, 1 << 8 },
	};
	const uint8_t value[24] = { 0xab, 0xcd };
	char hex[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t len = 0; len <= sizeof(value); len++) {
			char *end = hex;

			if (cases[i].good >> len & 1)
				continue;
			*end++ = '"';
			end = text_octets(end, value, len);
			*end++ = '"';
			*end = '\0';
			assert_element(cases[i].type, value, len, hex);
		}
}

static void
text_is_escaped(void **state)
{
	(void)state;
	assert_element(ELEMENT_STRING, "https", 5, "\"https\"");
	assert_element(ELEMENT_STRING, "", 0, "\"\"");
	assert_element(ELEMENT_STRING, "a\"b\\c/", 6, "\"a\\\"b\\\\c/\"");
	assert_element(ELEMENT_STRING, "\t\n\1\x1f\x7f", 5,
	    "\"\\u0009\\u000a\\u0001\\u001f\\u007f\"");
	/* C1: a terminal takes U+009B for the start of a command. */
	assert_element(ELEMENT_STRING, "a\xc2\x9b" "2J\xc2\xa0", 7,
	    "\"a\\u009b2J\xc2\xa0\"");
}

static void
zeros_that_fill_text_up_are_cut_off(void **state)
{
	(void)state;
	assert_element(ELEMENT_STRING, "ge-0\0\0\0\0", 8, "\"ge-0\"");
	assert_element(ELEMENT_STRING, "\0\0", 2, "\"\"");
	/* Zeros inside are part of it. */
	assert_element(ELEMENT_STRING, "a\0b\0", 4, "\"a\\u0000b\"");
}

static void
utf8_stays_and_anything_else_is_replaced(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "\xc3\xa9", "\xc3\xa9" },
		{ "\xe2\x82\xac", "\xe2\x82\xac" },
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
		{ "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
		/* Latin-1, a lone continuation, a cut sequence. */
		{ "\xe9", "\\ufffd" },
		{ "a\x80z", "a\\ufffdz" },
		{ "\xe2\x82", "\\ufffd\\ufffd" },
		{ "\xc3(", "\\ufffd(" },
		/* Too long for what they say, a surrogate, past the last. */
		{ "\xc0\xaf", "\\ufffd\\ufffd" },
		{ "\xe0\x80\xaf", "\\ufffd\\ufffd\\ufffd" },
		{ "\xf0\x80\x80\xaf", "\\ufffd\\ufffd\\ufffd\\ufffd" },
		{ "\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd" },
		{ "\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd" },
		{ "\xff\xfe", "\\ufffd\\ufffd" },
	};
	char want[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(want, sizeof(want), "\"%s\"", cases[i].out);
		assert_element(ELEMENT_STRING, cases[i].in,
		    strlen(cases[i].in), want);
	}
}

static void
elements_without_a_name_are_numbers(void **state)
{
	struct rows rows;

	(void)state;
	rows_init(&rows);
	batch_append(rows.batch, 1);
	rows_other(&rows, 0);
	rows_element(&rows, 0, 6871, 40, "\1", 1);
	rows_element(&rows, 0, PEN_IANA, 33000, "\2", 1);
	rows_element(&rows, 0, UINT32_MAX, UINT16_MAX, "\3", 1);
	rows_element(&rows, 0, PEN_REVERSE, ELEMENT_UNSIGNED, "\4", 1);
	rows_element(&rows, 0, PEN_REVERSE, 999, "\5", 1);
	assert_string_equal(rows_print(&rows, &format_json),
	    "{\"other\":{\"6871.40\":\"01\",\"33000\":\"02\","
	    "\"4294967295.65535\":\"03\",\"reverseAnUnsigned\":4,"
	    "\"29305.999\":\"05\"}}\n");
	rows_fini(&rows);
}

static void
a_repeated_element_is_an_array_in_its_first_place(void **state)
{
	struct rows rows;

	(void)state;
	rows_init(&rows);
	batch_append(rows.batch, 1);
	rows_other(&rows, 0);
	rows_element(&rows, 0, PEN_IANA, ELEMENT_STRING, "x", 1);
	rows_element(&rows, 0, PEN_IANA, ELEMENT_UNSIGNED, "\3", 1);
	rows_element(&rows, 0, PEN_IANA, ELEMENT_ADDR4, "\1\2\3\4", 4);
	rows_element(&rows, 0, PEN_IANA, ELEMENT_UNSIGNED, "\1", 1);
	rows_element(&rows, 0, PEN_IANA, ELEMENT_UNSIGNED, "\0\2", 2);
	assert_string_equal(rows_print(&rows, &format_json),
	    "{\"other\":{\"aString\":\"x\",\"anUnsigned\":[3,1,2],"
	    "\"anIPv4Address\":\"1.2.3.4\"}}\n");
	rows_fini(&rows);
}

static void
elements_that_only_look_alike_stay_apart(void **state)
{
	struct rows rows;

	(void)state;
	rows_init(&rows);
	batch_append(rows.batch, 1);
	rows_other(&rows, 0);
	/* The numbers differ by what the filter for repeats cannot see. */
	rows_element(&rows, 0, PEN_IANA, 40000, "\1", 1);
	rows_element(&rows, 0, 40000, 0, "\2", 1);
	rows_element(&rows, 0, 1, 40001, "\3", 1);
	assert_string_equal(rows_print(&rows, &format_json),
	    "{\"other\":{\"40000\":\"01\",\"40000.0\":\"02\","
	    "\"1.40001\":\"03\"}}\n");
	rows_fini(&rows);
}

static void
thousands_of_elements_are_printed_at_once(void **state)
{
	enum {
		N = 16000
	};
	struct rows rows;
	const char *p;
	size_t arrays = 0, quotes = 0;

	(void)state;
	rows_init(&rows);
	batch_append(rows.batch, 1);
	rows_other(&rows, 0);
	for (uint16_t i = 0; i < N; i++)
		rows_element(&rows, 0, 7, (uint16_t)(1000 + i % (N - 10)),
		    "\1", 1);
	for (p = rows_print(&rows, &format_json); *p != '\0'; p++) {
		arrays += *p == '[';
		quotes += *p == '"';
	}
	assert_int_equal(arrays, 10);
	/* Of "other", of every key and of every value. */
	assert_int_equal(quotes, 2 + 2 * (N - 10) + 2 * N);
	rows_fini(&rows);
}

static void
an_empty_list_is_an_empty_object(void **state)
{
	struct rows rows;

	(void)state;
	rows_init(&rows);
	batch_append(rows.batch, 1);
	rows_other(&rows, 0);
	batch_set_uint(rows.batch, COL_tag, 0, 1);
	assert_string_equal(rows_print(&rows, &format_json),
	    "{\"tag\":1,\"other\":{}}\n");
	rows_fini(&rows);
}

/* A small reader of JSON: is it well-formed? Returns behind the value. */
static const char *read_value(const char *p);

static const char *
read_string(const char *p)
{
	if (*p++ != '"')
		return NULL;
	for (; *p != '"'; p++) {
		if ((unsigned char)*p < ' ')
			return NULL;
		if (*p != '\\')
			continue;
		p++;
		if (*p == 'u') {
			for (unsigned i = 0; i < 4; i++)
				if (!isxdigit((unsigned char)*++p))
					return NULL;
		} else if (*p != '"' && *p != '\\') {
			return NULL;
		}
	}
	return p + 1;
}

static const char *
read_list(const char *p, char close, bool keys)
{
	if (*++p == close)
		return p + 1;
	for (;;) {
		if (keys) {
			p = read_string(p);
			if (p == NULL || *p++ != ':')
				return NULL;
		}
		p = read_value(p);
		if (p == NULL || (*p != ',' && *p != close))
			return NULL;
		if (*p++ == close)
			return p;
	}
}

static const char *
read_value(const char *p)
{
	static const char *const words[] = { "true", "false", "null" };

	if (*p == '{')
		return read_list(p, '}', true);
	if (*p == '[')
		return read_list(p, ']', false);
	if (*p == '"')
		return read_string(p);
	for (size_t i = 0; i < 3; i++)
		if (strncmp(p, words[i], strlen(words[i])) == 0)
			return p + strlen(words[i]);
	if (!isdigit((unsigned char)*p) && *p != '-')
		return NULL;
	return p + 1 + strspn(p + 1, "0123456789.eE+-");
}

static void
whatever_the_octets_a_line_is_an_object(void **state)
{
	struct random r = { 1 };
	struct rows rows;

	(void)state;
	rows_init(&rows);
	for (unsigned i = 0; i < 20000; i++) {
		const char *line;

		batch_reset(rows.batch);
		batch_append(rows.batch, 1);
		if (i % 2 == 0)
			batch_set_uint(rows.batch, COL_flow_end, 0,
			    random_u64(&r));
		rows_other(&rows, 0);
		for (unsigned n = random_u32(&r) % 12; n > 0; n--) {
			uint8_t value[40];

			for (size_t k = 0; k < sizeof(value); k++)
				value[k] = (uint8_t)random_u64(&r);
			rows_element(&rows, 0, random_u32(&r) % 8 ? PEN_IANA
				: random_u32(&r),
			    (uint16_t)(random_u32(&r) % 14), value,
			    random_u32(&r) % 2 ? 8
				: random_u32(&r) % sizeof(value));
		}
		line = rows_print(&rows, &format_json);
		line = read_value(line);
		assert_non_null(line);
		assert_string_equal(line, "\n");
	}
	rows_fini(&rows);
}

static void
a_list_that_is_cut_ends_at_its_last_entry(void **state)
{
	struct rows rows;

	(void)state;
	rows_init(&rows);
	batch_append(rows.batch, 1);
	rows_other(&rows, 0);
	rows_element(&rows, 0, 7, 1, "\1", 1);
	rows_element(&rows, 0, 7, 2, "\1\2\3", 3);
	rows.batch->col[COL_other].span[0].len--;
	assert_string_equal(rows_print(&rows, &format_json),
	    "{\"other\":{\"7.1\":\"01\"}}\n");
	rows_fini(&rows);
}

static void
a_full_buffer_is_a_failure(void **state)
{
	struct rows rows;

	(void)state;
	rows_init(&rows);
	batch_append(rows.batch, ROWS_MAX);
	batch_fill_uint(rows.batch, COL_tag, 0, ROWS_MAX, 1);
	rows_other(&rows, 100);
	rows_element(&rows, 100, 7, 1, "\1", 1);
	for (size_t max = 0; max < 30000; max += 97) {
		buf_fini(&rows.out);
		buf_init(&rows.out, max);
		format_json.rows(&rows.formatter, rows.batch, &rows.out);
		assert_true(rows.out.len <= max);
		if (max < 1000)
			assert_false(buf_ok(&rows.out));
	}
	assert_true(buf_ok(&rows.out));
	rows_fini(&rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_without_values_is_an_empty_object),
		cmocka_unit_test(values_are_of_the_type_of_their_column),
		cmocka_unit_test(columns_that_a_row_lacks_are_absent),
		cmocka_unit_test(columns_of_the_record_are_not_printed),
		cmocka_unit_test(columns_can_be_chosen_and_ordered),
		cmocka_unit_test(only_selected_rows_are_printed),
		cmocka_unit_test(numbers_may_have_one_to_eight_octets),
		cmocka_unit_test(floats_have_the_digits_that_matter),
		cmocka_unit_test(booleans_are_one_and_two),
		cmocka_unit_test(addresses_are_strings),
		cmocka_unit_test(times_are_rfc3339),
		cmocka_unit_test(times_past_all_bounds_are_the_last),
		cmocka_unit_test(octets_are_hexadecimal),
		cmocka_unit_test(a_value_of_a_wrong_length_is_hexadecimal),
		cmocka_unit_test(text_is_escaped),
		cmocka_unit_test(zeros_that_fill_text_up_are_cut_off),
		cmocka_unit_test(utf8_stays_and_anything_else_is_replaced),
		cmocka_unit_test(elements_without_a_name_are_numbers),
		cmocka_unit_test(
		    a_repeated_element_is_an_array_in_its_first_place),
		cmocka_unit_test(elements_that_only_look_alike_stay_apart),
		cmocka_unit_test(thousands_of_elements_are_printed_at_once),
		cmocka_unit_test(an_empty_list_is_an_empty_object),
		cmocka_unit_test(whatever_the_octets_a_line_is_an_object),
		cmocka_unit_test(a_list_that_is_cut_ends_at_its_last_entry),
		cmocka_unit_test(a_full_buffer_is_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
