/* Reports: totals, exporters in order, a dump. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decode.h"

static struct decoder *dec;
static struct batch *batch;

static void
send_v5(uint32_t from, uint32_t sequence)
{
	uint8_t d[72] = { 0, 5, 0, 1 };

	store_be32(d + 16, sequence);
	decoder_begin(dec, &(struct datagram) { .payload = { d, sizeof(d) },
	    .src = addr_from_v4(from), .port = 9, .recv_ns = 1 });
	while (decoder_next(dec, batch))
		batch_reset(batch);
}

static void
send_junk(uint32_t from)
{
	const uint8_t d[] = { 0, 4, 0, 0 };

	decoder_begin(dec, &(struct datagram) { .payload = { d, sizeof(d) },
	    .src = addr_from_v4(from) });
	assert_false(decoder_next(dec, batch));
}

static int
exporter_remember(const struct exporter_info *info, void *arg)
{
	uint32_t *list = arg;

	list[++list[0]] = info->addr.v4;
	return list[0] == 3;
}

static void
report_adds_up_and_is_in_order(void **unused)
{
	struct decoder_totals t;
	uint32_t list[8] = { 0 };

	(void)unused;
	send_v5(30, 0);
	send_v5(10, 0);
	send_v5(10, 5);
	send_junk(20);
	decoder_totals(dec, &t);
	assert_int_equal(t.exporters, 3);
	assert_int_equal(t.counters.datagrams, 4);
	assert_int_equal(t.counters.flows, 3);
	assert_int_equal(t.counters.lost, 4);
	assert_int_equal(t.counters.malformed[MALFORMED_VERSION], 1);
	/* Stops when the callback says so. */
	assert_int_equal(
	    decoder_each_exporter(dec, exporter_remember, list), 1);
	assert_int_equal(list[1], 10);
	assert_int_equal(list[2], 20);
	assert_int_equal(list[3], 30);
}

static int
remember_stream(const struct stream_info *info, void *arg)
{
	*(struct stream_info *)arg = *info;
	return 1;
}

static void
report_says_of_a_stream_what_is_missing(void **unused)
{
	const struct addr of = addr_from_v4(10);
	struct stream_info info = { .port = 0 };

	(void)unused;
	assert_int_equal(
	    decoder_each_stream(dec, &of, remember_stream, &info), 1);
	assert_int_equal(info.port, 9);
	assert_int_equal(info.counters.flows, 2);
	assert_int_equal(info.counters.lost, 4);
}

static void
report_dumps_a_line_an_exporter(void **unused)
{
	struct buf out;
	size_t lines = 0;

	(void)unused;
	buf_init(&out, 1 << 20);
	decoder_dump(dec, &out);
	buf_append_char(&out, '\0');
	assert_true(buf_ok(&out));
	for (size_t i = 0; i < out.len; i++)
		lines += out.ptr[i] == '\n';
	assert_int_equal(lines, 3);
	assert_non_null(strstr((char *)out.ptr,
	    "{\"exporter\":\"0.0.0.20\",\"rank\":\"stranger\""));
	assert_non_null(strstr((char *)out.ptr,
	    "\"counters\":{\"datagrams\":1,"
	    "\"octets\":4},\"malformed\":{\"version\":1}"));
	assert_non_null(strstr((char *)out.ptr,
	    "\"sequence_unit\":\"flows\""));
	buf_fini(&out);
}

/* The parts that a list of exporters or templates needs. */
static void
report_has_the_parts_that_are_asked_for(void **unused)
{
	static const uint8_t d[] = { 0, 9, 0, 1, 0, 0, 0, 1, 0x65, 0x53, 0xf1,
		0, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 16, 1, 0, 0, 2, 0, 8, 0,
		4, 0, 48, 0, 1 };
	const struct addr one = addr_from_v4(40), none = addr_from_v4(41);
	struct buf out;

	(void)unused;
	decoder_begin(dec, &(struct datagram) { .payload = { d, sizeof(d) },
	    .src = one, .port = 2055,
	    .recv_ns = INT64_C(1700000002500000000) });
	assert_false(decoder_next(dec, batch));
	buf_init(&out, 1 << 20);
	decoder_report(dec, 0, &one, &out);
	buf_append_char(&out, '\0');
	assert_non_null(strstr((char *)out.ptr,
	    "{\"exporter\":\"0.0.0.40\",\"rank\":\"stranger\""
	    ",\"first_seen\":\"2023-11-14T22:13:22.500Z\""
	    ",\"last_seen\":\"2023-11-14T22:13:22.500Z\""
	    ",\"clock_offset_ms\":-1500,\"clock_range_ms\":1000"
	    ",\"streams_known\":1"));
	assert_non_null(strstr((char *)out.ptr,
	    ",\"counters\":{\"datagrams\":1,\"octets\":36"
	    ",\"templates\":1},\"malformed\":{},\"limited\":{}}\n"));
	buf_reset(&out);
	decoder_report(dec, REPORT_TEMPLATES, &one, &out);
	buf_append_char(&out, '\0');
	assert_non_null(strstr((char *)out.ptr,
	    "\"templates\":[{\"id\":256,\"records\":0,"
	    "\"record_octets\":5,\"last_seen\":\"2023-11-14T22:13:22.500Z\""
	    ",\"fields\":[\"sourceIPv4Address:4\",\"samplerId:1\"]}]"));
	assert_null(strstr((char *)out.ptr, "\"names\":"));
	buf_reset(&out);
	decoder_report(dec, REPORT_ALL, &none, &out);
	assert_int_equal(out.len, 0);
	decoder_report_totals(dec, &out);
	buf_append_char(&out, '\0');
	assert_non_null(strstr((char *)out.ptr,
	    "{\"exporters\":4,\"settled\":0,\"streams\":3,"
	    "\"templates\":1,"));
	buf_fini(&out);
}

static int
look_at_template(const struct template_info *info, void *arg)
{
	struct buf *out = arg;

	assert_int_equal(info->addr.v4, 40);
	assert_int_equal(info->port, 2055);
	assert_int_equal(info->version, 9);
	assert_int_equal(info->domain, 7);
	assert_int_equal(info->id, 256);
	assert_int_equal(info->nfields, 2);
	assert_int_equal(info->record_octets, 5);
	assert_false(info->options);
	decoder_put_fields(info, out);
	return 7;
}

/* Of the exporter of the test before. */
static void
report_has_each_template(void **unused)
{
	const struct addr one = addr_from_v4(40), none = addr_from_v4(41);
	struct buf out;

	(void)unused;
	buf_init(&out, 1 << 20);
	assert_int_equal(
	    decoder_each_template(dec, &one, look_at_template, &out), 7);
	assert_int_equal(
	    decoder_each_template(dec, &none, look_at_template, &out), 0);
	assert_int_equal(
	    decoder_each_template(dec, NULL, look_at_template, &out), 7);
	buf_append_char(&out, '\0');
	assert_string_equal(out.ptr, "sourceIPv4Address:4 samplerId:1"
				     "sourceIPv4Address:4 samplerId:1");
	buf_fini(&out);
}

static int
look_at_exporter(const struct exporter_info *info, void *arg)
{
	(void)arg;
	if (info->addr.v4 != 40)
		return 0;
	assert_int_equal(info->templates, 1);
	assert_true(info->has_clock);
	assert_true(info->clock_offset_ns == -INT64_C(1500000000));
	assert_int_equal(info->sampling_interval, 0);
	return 1;
}

static void
report_knows_the_clock_of_an_exporter(void **unused)
{
	(void)unused;
	assert_int_equal(
	    decoder_each_exporter(dec, look_at_exporter, NULL), 1);
}

static int
setup(void **unused)
{
	(void)unused;
	dec = decoder_new(NULL, 1);
	batch = batch_new(64);
	return dec == NULL || batch == NULL;
}

static int
teardown(void **unused)
{
	(void)unused;
	decoder_free(dec);
	batch_free(batch);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(report_adds_up_and_is_in_order),
		cmocka_unit_test(report_says_of_a_stream_what_is_missing),
		cmocka_unit_test(report_dumps_a_line_an_exporter),
		cmocka_unit_test(report_has_the_parts_that_are_asked_for),
		cmocka_unit_test(report_has_each_template),
		cmocka_unit_test(report_knows_the_clock_of_an_exporter),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
