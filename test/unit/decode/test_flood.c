/*
 * Floods: made-up senders, templates, streams, names and data without templates
 * stay within the limits, and a well-behaved exporter loses nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "decode.h"

enum {
	GOOD = 1,
	BAD = 1000,
	SECONDS = 30,
	FLOOD = 3000		/* hostile datagrams a second */
};

static const struct decoder_limits limits = { .exporters = 256,
	.streams = 1024, .template_octets = 1024 * 1024,
	.name_octets = 256 * 1024, .samplers = 1024,
	.early_octets = 512 * 1024 };

static struct decoder *dec;
static struct batch *batch;
static int64_t now_ns;
static uint32_t sequence, random_state;
static uint64_t good_flows;

static uint32_t
random_below(uint32_t below)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % below;
}

static void
send_datagram(uint32_t from, uint16_t port, const uint8_t *d, size_t len)
{
	decoder_begin(dec, &(struct datagram) { .payload = { d, len },
	    .src = addr_from_v4(from), .port = port, .recv_ns = now_ns });
	do {
		if (from == GOOD)
			good_flows += batch->nrows;
		batch_reset(batch);
	} while (decoder_next(dec, batch));
	if (from == GOOD)
		good_flows += batch->nrows;
	batch_reset(batch);
}

static size_t
message_head(uint8_t *d, uint16_t version, uint32_t seq)
{
	memset(d, 0, 24);
	store_be16(d, version);
	store_be16(d + 2, 1);
	store_be32(d + 4, 1000000);
	store_be32(d + 8, (uint32_t)(now_ns / 1000000000));
	store_be32(d + (version == 5 ? 16 : 12), seq);
	return version == 5 ? 24 : 20;
}

/* A set with one template of so many fields. */
static size_t
put_template(uint8_t *p, uint16_t id, uint16_t nfields, uint16_t first)
{
	store_be16(p, 0);
	store_be16(p + 2, (uint16_t)(8 + 4 * nfields));
	store_be16(p + 4, id);
	store_be16(p + 6, nfields);
	for (uint16_t i = 0; i < nfields; i++) {
		store_be16(p + 8 + 4 * i, (uint16_t)(first + i));
		store_be16(p + 10 + 4 * i, 1);
	}
	return 8U + 4U * nfields;
}

static size_t
put_data(uint8_t *p, uint16_t id, size_t octets)
{
	store_be16(p, id);
	store_be16(p + 2, (uint16_t)(4 + octets));
	memset(p + 4, 6, octets);
	return 4 + octets;
}

/* Templates only at the start, then eight flows of each. */
static void
send_good(bool templates)
{
	uint8_t d[1500];
	size_t n = message_head(d, 9, sequence++);

	for (uint16_t id = 256; templates && id < 276; id++)
		n += put_template(d + n, id, 8, 4);
	for (uint16_t id = 256; !templates && id < 276; id++)
		n += put_data(d + n, id, 64);
	send_datagram(GOOD, 2055, d, n);
}

static void
send_names(uint32_t from, uint16_t port)
{
	static const uint8_t options[] = { 0, 1, 0, 20, 1, 3, 0, 4, 0, 4, 0, 2,
		0, 4, 0, 82, 0, 16, 0, 0 };
	uint8_t d[1500];
	size_t n = message_head(d, 9, random_below(UINT32_MAX));

	memcpy(d + n, options, sizeof(options));
	n += sizeof(options);
	n += put_data(d + n, 259, 800);
	for (size_t i = 0; i < 800; i += 20)
		store_be32(d + n - 800 + i, random_below(UINT32_MAX));
	send_datagram(from, port, d, n);
}

/* A hostile datagram of a random kind. */
static void
send_bad(void)
{
	uint32_t from = random_below(3) == 0 ? BAD + random_below(4)
					     : BAD + random_below(1 << 24);
	uint16_t port = (uint16_t)random_below(65536);
	uint8_t d[1500];
	size_t n = message_head(d, 9, random_below(UINT32_MAX));

	switch (random_below(6)) {
	case 0:
		memset(d, 0, 72);
		send_datagram(
		    from, port, d, message_head(d, 5, random_below(99)) + 48);
		return;
	case 1:
		store_be32(d + 16, random_below(UINT32_MAX));
		n += put_template(d + n, (uint16_t)(256 + random_below(65000)),
		    300, (uint16_t)random_below(1000));
		break;
	case 2:
		n += put_data(
		    d + n, (uint16_t)(256 + random_below(65000)), 1400);
		break;
	case 3:
		send_names(from, port);
		return;
	case 4:
		n += put_template(d + n, 256, 1, 4);
		n += put_data(d + n, 256, 1400);
		break;
	default:
		n = random_below(64);
	}
	send_datagram(from, port, d, n);
}

static void
check_limits(void)
{
	struct decoder_totals t;

	decoder_totals(dec, &t);
	assert_true(t.exporters <= limits.exporters);
	assert_true(t.streams <= limits.streams);
	assert_true(t.template_octets <= limits.template_octets);
	assert_true(t.name_octets <= limits.name_octets);
	assert_true(t.early_octets <= limits.early_octets);
}

static int
count_good(const struct exporter_info *info, void *arg)
{
	if (info->addr.v4 == GOOD)
		*(struct decode_counters *)arg = info->counters;
	return 0;
}

static void
flood_stays_within_limits_and_costs_others_nothing(void **unused)
{
	struct decode_counters c = { 0 };
	struct decoder_totals t;

	(void)unused;
	now_ns = INT64_C(1700000000) * 1000000000;
	send_good(true);
	/* It settles before the flood starts. */
	for (int second = 0; second < 15; second++) {
		now_ns += 1000000000;
		send_good(false);
	}
	for (int second = 0; second < SECONDS; second++) {
		for (int i = 0; i < FLOOD; i++)
			send_bad();
		check_limits();
		now_ns += 1000000000;
		send_good(false);
	}
	(void)decoder_each_exporter(dec, count_good, &c);
	assert_int_equal(c.no_template, 0);
	assert_int_equal(c.evicted_templates, 0);
	assert_int_equal(c.evicted_streams, 0);
	assert_int_equal(c.lost, 0);
	assert_int_equal(c.flows, (15 + SECONDS) * 20 * 8);
	assert_int_equal(good_flows, c.flows);
	decoder_totals(dec, &t);
	assert_int_equal(t.evicted_settled, 0);
	assert_true(t.evicted_exporters > 1000);
	/* Every datagram and every set without a template is counted. */
	assert_int_equal(t.counters.datagrams,
	    1 + 15 + SECONDS * (FLOOD + 1));
	assert_int_equal(t.counters.no_template,
	    t.counters.early_held + t.counters.early_refused);
	assert_int_equal(t.counters.early_held,
	    t.counters.early_decoded + t.counters.early_expired +
		t.counters.early_evicted + t.early);
}

static int
setup(void **unused)
{
	(void)unused;
	dec = decoder_new(&limits, 1);
	batch = batch_new(2048);
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
		cmocka_unit_test(
		    flood_stays_within_limits_and_costs_others_nothing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
