/*
 * Early data: what is held and dropped, and that every set is counted.
 * test/scenarios/early-data.txt has the order of decoding.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decode.h"

static struct decoder *dec;
static struct batch *batch;
static uint32_t sequence;
static int64_t now_ns;
static uint64_t flows;

static void
decoder_start(const struct decoder_limits *l)
{
	dec = decoder_new(l, 1);
	batch = batch_new(64);
	assert_non_null(dec);
	assert_non_null(batch);
	now_ns = INT64_C(1700000000) * 1000000000;
	flows = 0;
}

static int
decoder_teardown(void **unused)
{
	(void)unused;
	decoder_free(dec);
	batch_free(batch);
	return 0;
}

/* A datagram of version 9 with these sets. */
static void
send_sets(uint32_t from, uint16_t port, const void *sets, size_t len)
{
	uint8_t d[2048] = { 0, 9 };

	store_be32(d + 4, 1000);
	store_be32(d + 8, (uint32_t)(now_ns / 1000000000));
	store_be32(d + 12, sequence++);
	memcpy(d + 20, sets, len);
	decoder_begin(dec, &(struct datagram) { .payload = { d, 20 + len },
	    .src = addr_from_v4(from), .port = port, .recv_ns = now_ns });
	while (decoder_next(dec, batch)) {
		flows += batch->nrows;
		batch_reset(batch);
	}
	flows += batch->nrows;
	batch_reset(batch);
}

static void
send_set(uint32_t from, uint16_t port, uint16_t id, const void *set, size_t len)
{
	uint8_t d[2048];

	store_be16(d, id);
	store_be16(d + 2, (uint16_t)(4 + len));
	memcpy(d + 4, set, len);
	send_sets(from, port, d, 4 + len);
}

/* n records of one octet. */
static void
send_data(uint32_t from, uint16_t port, uint16_t id, size_t n)
{
	static const uint8_t zeros[1500];

	send_set(from, port, id, zeros, n);
}

/* A template of protocol or of type of service, in one octet. */
static void
send_template(uint32_t from, uint16_t port, uint16_t id, uint16_t element)
{
	uint8_t t[8] = { (uint8_t)(id >> 8), (uint8_t)id, 0, 1, 0,
		(uint8_t)element, 0, 1 };

	send_set(from, port, 0, t, sizeof(t));
}

/* Every set without a template is in one of the counters. */
static struct decode_counters
counters_sum(void)
{
	struct decoder_totals t;

	decoder_totals(dec, &t);
	assert_int_equal(t.counters.no_template,
	    t.counters.early_held + t.counters.early_refused);
	assert_int_equal(t.counters.early_held,
	    t.counters.early_decoded + t.counters.early_expired +
		t.counters.early_evicted + t.early);
	assert_int_equal(t.counters.flows, flows);
	return t.counters;
}

static void
early_data_is_decoded_when_its_template_comes(void **unused)
{
	(void)unused;
	decoder_start(NULL);
	for (int i = 0; i < 10; i++)
		send_data(1, 1, 300, 50);
	assert_int_equal(flows, 0);
	assert_int_equal(counters_sum().early_held, 10);
	send_template(1, 1, 300, 4);
	assert_int_equal(flows, 500);
	assert_int_equal(counters_sum().early_decoded, 10);
	/* And only once. */
	send_template(1, 1, 300, 5);
	assert_int_equal(flows, 500);
}

static void
early_data_expires(void **unused)
{
	(void)unused;
	decoder_start(&(struct decoder_limits) { .early_ms = 5000 });
	send_data(1, 1, 300, 10);
	now_ns += INT64_C(3000000000);
	send_data(1, 1, 300, 20);
	now_ns += INT64_C(3000000000);
	send_template(1, 1, 300, 4);
	assert_int_equal(flows, 20);
	assert_int_equal(counters_sum().early_expired, 1);
	assert_int_equal(counters_sum().early_decoded, 1);
}

static void
early_data_of_one_exporter_is_bounded(void **unused)
{
	struct decoder_totals t;

	(void)unused;
	decoder_start(&(struct decoder_limits) { .exporter_early_octets = 16384,
	    .flow_octets = 1 });
	for (int i = 0; i < 100; i++)
		send_data(1, 1, (uint16_t)(300 + i % 3), 1000);
	assert_true(counters_sum().early_evicted > 80);
	decoder_totals(dec, &t);
	assert_true(t.early_octets <= 16384);
	assert_true(t.early >= 10);
	for (uint16_t i = 0; i < 3; i++)
		send_template(1, 1, 300 + i, 4);
	assert_int_equal(flows, (size_t)t.early * 1000);
	assert_true(counters_sum().early_decoded == t.early);
}

static void
early_data_of_all_is_bounded_and_shared(void **unused)
{
	struct decoder_totals t;

	(void)unused;
	decoder_start(&(struct decoder_limits) { .early_octets = 65536,
	    .flow_octets = 1 });
	for (int i = 0; i < 1000; i++)
		send_data(1, 1, 300, 1000);
	for (uint32_t from = 2; from < 6; from++)
		for (int i = 0; i < 5; i++)
			send_data(from, 1, 300, 1000);
	(void)counters_sum();
	decoder_totals(dec, &t);
	assert_true(t.early_octets <= 65536);
	/* The flood of one exporter costs the others nothing. */
	for (uint32_t from = 2; from < 6; from++)
		send_template(from, 1, 300, 4);
	assert_int_equal(flows, 4 * 5 * 1000);
	(void)counters_sum();
}

static void
early_data_that_cannot_fit_is_refused(void **unused)
{
	(void)unused;
	decoder_start(&(struct decoder_limits) { .exporter_early_octets = 1 });
	send_data(1, 1, 300, 10);
	assert_int_equal(counters_sum().early_refused, 1);
}

static void
early_data_goes_with_its_stream(void **unused)
{
	(void)unused;
	decoder_start(&(struct decoder_limits) { .exporter_streams = 2 });
	send_data(1, 1, 300, 10);
	sequence += 1000;
	send_data(1, 2, 301, 10);
	sequence += 1000;
	send_data(1, 3, 302, 10);
	assert_int_equal(counters_sum().early_evicted, 1);
	decoder_free(dec);
	batch_free(batch);
	decoder_start(&(struct decoder_limits) { .exporters = 1 });
	send_data(1, 1, 300, 10);
	send_data(2, 1, 300, 10);
	assert_int_equal(counters_sum().early_evicted, 1);
}

static void
early_data_waits_for_its_own_template_where_they_differ(void **unused)
{
	(void)unused;
	decoder_start(NULL);
	sequence = 100;
	send_template(1, 1, 300, 4);
	sequence = 5000;
	send_template(1, 2, 300, 5);
	sequence = 9000;
	send_data(1, 3, 300, 10);
	assert_int_equal(flows, 0);
	sequence = 101;
	send_template(1, 1, 300, 4);
	assert_int_equal(flows, 0);
	sequence = 9001;
	send_template(1, 3, 300, 4);
	assert_int_equal(flows, 10);
	(void)counters_sum();
}

static void
early_sets_of_one_datagram_are_limited(void **unused)
{
	uint8_t sets[300 * 5];

	(void)unused;
	decoder_start(NULL);
	for (size_t i = 0; i < 300; i++)
		memcpy(sets + 5 * i, "\1\0\0\5\6", 5);
	send_sets(1, 1, sets, sizeof(sets));
	assert_int_equal(counters_sum().early_held, 32);
	assert_int_equal(counters_sum().no_template, 300);
}

/* Random sets and templates, with limits that are always reached. */
static void
early_data_is_accounted_for_whatever_happens(void **unused)
{
	uint32_t random = 1;

	(void)unused;
	decoder_start(&(struct decoder_limits) { .exporters = 6, .streams = 12,
	    .exporter_streams = 4, .stream_templates = 3,
	    .template_octets = 8192, .early_octets = 32768,
	    .exporter_early_octets = 8192, .early_ms = 2000 });
	for (int i = 0; i < 30000; i++) {
		uint32_t from = (random >> 8) % 9;
		uint16_t port = (uint16_t)((random >> 12) % 5);
		uint16_t id = (uint16_t)(256 + (random >> 16) % 6);

		sequence = random;
		now_ns += (random >> 20) % 200 * 1000000;
		if (random >> 28 < 6)
			send_template(from, port, id,
			    (uint16_t)(4 + (random >> 24) % 2));
		else
			send_data(from, port, id, 1 + (random >> 22) % 600);
		random = random * 1664525 + 1013904223;
		if (i % 100 == 0)
			(void)counters_sum();
	}
	assert_true(counters_sum().early_decoded > 100);
	assert_true(counters_sum().early_expired > 100);
	assert_true(counters_sum().early_evicted > 100);
}

#define TEST(name) cmocka_unit_test_teardown(name, decoder_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(early_data_is_decoded_when_its_template_comes),
		TEST(early_data_expires),
		TEST(early_data_of_one_exporter_is_bounded),
		TEST(early_data_of_all_is_bounded_and_shared),
		TEST(early_data_that_cannot_fit_is_refused),
		TEST(early_data_goes_with_its_stream),
		TEST(early_data_waits_for_its_own_template_where_they_differ),
		TEST(early_sets_of_one_datagram_are_limited),
		TEST(early_data_is_accounted_for_whatever_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
