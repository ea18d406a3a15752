/* Why there are no flows: each reason, and which of several is reported. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decode.h"

static struct decoder *dec;
static struct batch *batch;

static int
decoder_setup(void **unused)
{
	(void)unused;
	dec = decoder_new(NULL, 1);
	batch = batch_new(64);
	return dec == NULL || batch == NULL;
}

static int
decoder_teardown(void **unused)
{
	(void)unused;
	decoder_free(dec);
	batch_free(batch);
	return 0;
}

static void
assert_diagnosis(const struct decode_counters *c, const struct unsupported *f,
    const char *want)
{
	struct buf out;

	buf_init(&out, 1024);
	decoder_put_diagnosis(c, f, &out);
	buf_append_char(&out, '\0');
	assert_non_null(strstr((const char *)out.ptr, want));
	buf_fini(&out);
}

static void
diagnosis_names_the_most_frequent_reason(void **unused)
{
	struct decode_counters c = { .datagrams = 0 };
	struct unsupported f = { .seen = true, .sflow = true };

	(void)unused;
	assert_diagnosis(&c, &f, "no datagrams");
	c.datagrams = 1;
	assert_diagnosis(&c, &f, "1 datagram without data");
	c.templates = 3;
	assert_diagnosis(&c, &f, "1 datagram with 3 templates and 0 records");
	c.no_template = 2;
	assert_diagnosis(&c, &f, "2 sets of data without their template");
	c.malformed[MALFORMED_LENGTH] = 3;
	assert_diagnosis(&c, &f, malformed_info[MALFORMED_LENGTH].text);
	c.malformed[MALFORMED_SFLOW] = 5;
	assert_diagnosis(&c, &f, "5 datagrams of sFlow;");
	f = (struct unsupported) { .seen = true, .version = 8 };
	c.malformed[MALFORMED_VERSION] = 1;
	assert_diagnosis(&c, &f, "6 datagrams of version 8;");
}

static void
datagram_send(uint32_t from, const uint8_t *d, size_t len)
{
	decoder_begin(dec,
	    &(struct datagram) { .payload = { d, len },
		.src = addr_from_v4(from),
		.recv_ns = 1 });
	assert_false(decoder_next(dec, batch));
}

static void
foreign_exporter_is_news_once(void **unused)
{
	static const uint8_t sflow[28] = { 0, 0, 0, 5, 0, 0, 0, 1 };
	static const uint8_t v8[28] = { 0, 8, 0, 1 };
	struct addr addr;
	struct unsupported f;

	(void)unused;
	assert_false(decoder_unsupported_next(dec, &addr, &f));
	for (int i = 0; i < 3; i++) {
		datagram_send(1, sflow, sizeof(sflow));
		datagram_send(2, v8, sizeof(v8));
		datagram_send(1, v8, sizeof(v8));
		/* Too short to recognise. */
		datagram_send(3, sflow, 27);
	}
	assert_true(decoder_unsupported_next(dec, &addr, &f));
	assert_int_equal(addr.v4, 1);
	assert_false(f.sflow);
	assert_true(decoder_unsupported_next(dec, &addr, &f));
	assert_int_equal(addr.v4, 2);
	assert_int_equal(f.version, 8);
	assert_true(decoder_unsupported_next(dec, &addr, &f));
	assert_int_equal(f.version, 0);
	assert_false(decoder_unsupported_next(dec, &addr, &f));
	datagram_send(1, sflow, sizeof(sflow));
	assert_false(decoder_unsupported_next(dec, &addr, &f));
}

static void
foreign_exporter_that_is_forgotten_is_no_news(void **unused)
{
	static const uint8_t v8[4] = { 0, 8, 0, 1 };
	struct addr addr;
	struct unsupported f;
	int has_options = 0;

	(void)unused;
	decoder_free(dec);
	dec = decoder_new(&(struct decoder_limits) { .exporters = 16 }, 1);
	for (uint32_t i = 0; i < 1000; i++)
		datagram_send(i, v8, sizeof(v8));
	while (decoder_unsupported_next(dec, &addr, &f))
		has_options++;
	assert_in_range(has_options, 1, 16);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, decoder_setup, decoder_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(diagnosis_names_the_most_frequent_reason),
		TEST(foreign_exporter_is_news_once),
		TEST(foreign_exporter_that_is_forgotten_is_no_news),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
