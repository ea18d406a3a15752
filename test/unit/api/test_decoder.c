/* Decoding by the public header: lib/api/flowd_decoder.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <flowd/flowd.h>

enum {
	V5_HEAD = 24,
	V5_RECORD = 48,
	V5_RECORDS = 30
};

static const int64_t received_ns = INT64_C(1700000000123456789);

static void
put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* A datagram of version 5 with n flows, numbered from first on by octets. */
static size_t
v5(uint8_t *p, unsigned n, unsigned first)
{
	memset(p, 0, V5_HEAD + (size_t)n * V5_RECORD);
	put32(p, 5 << 16 | n);
	put32(p + 4, 1000000);
	put32(p + 8, 1700000000);
	put32(p + 16, first);
	for (unsigned i = 0; i < n; i++) {
		uint8_t *r = p + V5_HEAD + (size_t)i * V5_RECORD;

		put32(r, 0x0a000001);
		put32(r + 4, 0x0a000002);
		put32(r + 16, 1);
		put32(r + 20, first + i);
		r[38] = 6;
	}
	return V5_HEAD + (size_t)n * V5_RECORD;
}

static struct flowd_addr
exporter(void)
{
	struct flowd_addr a;

	assert_int_equal(flowd_addr_parse("192.0.2.1", &a), 0);
	return a;
}

static void
flows_of_datagrams_are_appended(void **state)
{
	struct flowd_batch *b = flowd_batch_new(
	    "octets,agent_addr,recv_time,protocol", 0, NULL);
	struct flowd_decoder *d = flowd_decoder_new(NULL);
	const struct flowd_addr from = exporter();
	uint8_t p[V5_HEAD + V5_RECORDS * V5_RECORD];
	struct flowd_addr a;

	(void)state;
	assert_non_null(d);
	for (unsigned n = 0; n < 3; n++) {
		size_t len = v5(p, V5_RECORDS, n * V5_RECORDS);

		assert_int_equal(flowd_decoder_begin(
				     d, p, len, &from, 9, received_ns),
		    0);
		assert_int_equal(flowd_decoder_next(d, b), 0);
		assert_int_equal(flowd_decoder_next(d, b), 0);
	}
	assert_int_equal(flowd_batch_rows(b), 3 * V5_RECORDS);
	for (unsigned i = 0; i < 3 * V5_RECORDS; i++)
		assert_int_equal(flowd_batch_uint(b, FLOWD_COL_octets, i), i);
	assert_true(
	    flowd_batch_time(b, FLOWD_COL_recv_time, 7) == received_ns);
	a = flowd_batch_addr(b, FLOWD_COL_agent_addr, 7);
	assert_memory_equal(&a, &from, sizeof(a));
	flowd_decoder_free(d);
	flowd_batch_free(b);
}

static void
a_batch_that_is_full_is_emptied_in_between(void **state)
{
	struct flowd_batch *b = flowd_batch_new("octets", 7, NULL);
	struct flowd_decoder *d = flowd_decoder_new(NULL);
	const struct flowd_addr from = exporter();
	uint8_t p[V5_HEAD + V5_RECORDS * V5_RECORD];
	unsigned n = 0;

	(void)state;
	assert_int_equal(flowd_decoder_begin(d, p,
			     v5(p, V5_RECORDS, 0), &from, 9, received_ns),
	    0);
	while (flowd_decoder_next(d, b) == 1) {
		assert_int_equal(flowd_batch_rows(b), 7);
		assert_int_equal(flowd_batch_uint(b, FLOWD_COL_octets, 0), n);
		n += 7;
		assert_int_equal(flowd_batch_clear(b), 0);
	}
	assert_int_equal(flowd_batch_rows(b), V5_RECORDS - n);
	flowd_decoder_free(d);
	flowd_batch_free(b);
}

static void
what_is_malformed_is_counted(void **state)
{
	struct flowd_batch *b = flowd_batch_new("octets", 0, NULL);
	struct flowd_decoder *d = flowd_decoder_new(NULL);
	const struct flowd_addr from = exporter();
	const struct flowd_addr none = { .family = FLOWD_ADDR_NONE };
	struct flowd_error err;
	const char *text;
	size_t len;

	(void)state;
	assert_int_equal(
	    flowd_decoder_begin(d, "\0\5\0", 3, &from, 9, received_ns), 0);
	assert_int_equal(flowd_decoder_next(d, b), 0);
	assert_int_equal(flowd_batch_rows(b), 0);
	assert_int_equal(
	    flowd_decoder_begin(d, "", 0, &none, 9, 0), FLOWD_EINVAL);
	assert_int_equal(flowd_decoder_report(
			     d, FLOWD_REPORT_TOTALS, &text, &len, NULL),
	    0);
	assert_int_equal(len, strlen(text));
	assert_non_null(strstr(text, "\"malformed"));
	assert_int_equal(flowd_decoder_report(
			     d, FLOWD_REPORT_EXPORTERS, &text, &len, NULL),
	    0);
	assert_non_null(strstr(text, "\"192.0.2.1\""));
	assert_int_equal(
	    flowd_decoder_report(d, 9, &text, &len, &err), FLOWD_EINVAL);
	assert_string_equal(err.text, "9 is no report");
	flowd_decoder_free(d);
	flowd_batch_free(b);
}

/* A template of NetFlow 9 with octets alone, and a flow of it. */
static const uint8_t v9_template[] = { 0, 9, 0, 1, 0, 0, 0, 1, 0x65, 0x53,
	0xf1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 16, 1, 0, 0, 2, 0, 1, 0, 4,
	0, 8, 0, 4 };
static const uint8_t v9_data[] = { 0, 9, 0, 1, 0, 0, 0, 1, 0x65, 0x53, 0xf1,
	0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 12, 0, 0, 0, 77, 10, 0, 0, 1 };

static void
templates_are_saved_and_loaded(void **state)
{
	struct flowd_batch *b = flowd_batch_new("octets", 0, NULL);
	struct flowd_decoder *d = flowd_decoder_new(NULL);
	struct flowd_decoder *other = flowd_decoder_new(NULL);
	const struct flowd_addr from = exporter();
	struct flowd_error err;
	const uint8_t *saved;
	size_t len;

	(void)state;
	assert_int_equal(flowd_decoder_begin(d, v9_template,
			     sizeof(v9_template), &from, 9, received_ns),
	    0);
	assert_int_equal(flowd_decoder_next(d, b), 0);
	assert_int_equal(flowd_decoder_save(d, &saved, &len, NULL), 0);
	assert_int_equal(flowd_decoder_load(other, saved, len, &err), 0);
	assert_int_equal(flowd_decoder_begin(other, v9_data, sizeof(v9_data),
			     &from, 9, received_ns),
	    0);
	assert_int_equal(flowd_decoder_next(other, b), 0);
	assert_int_equal(flowd_batch_rows(b), 1);
	assert_int_equal(flowd_batch_uint(b, FLOWD_COL_octets, 0), 77);
	assert_true(flowd_decoder_load(other, "rubbish", 7, &err) < 0);
	assert_true(err.text[0] != '\0');
	flowd_decoder_free(d);
	flowd_decoder_free(other);
	flowd_batch_free(b);
}

static void
a_batch_of_others_is_left_alone(void **state)
{
	struct flowd_batch *b = flowd_batch_new("octets", 0, NULL);
	const struct flowd_batch *other;
	struct flowd_decoder *d = flowd_decoder_new(NULL);

	(void)state;
	other = flowd_batch_ref(b);
	assert_int_equal(flowd_decoder_next(d, b), FLOWD_EINVAL);
	flowd_batch_free(other);
	assert_int_equal(flowd_decoder_next(d, b), 0);
	flowd_decoder_free(d);
	flowd_decoder_free(NULL);
	flowd_batch_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flows_of_datagrams_are_appended),
		cmocka_unit_test(a_batch_that_is_full_is_emptied_in_between),
		cmocka_unit_test(what_is_malformed_is_counted),
		cmocka_unit_test(templates_are_saved_and_loaded),
		cmocka_unit_test(a_batch_of_others_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
