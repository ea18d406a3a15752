/*
 * Streams: many exporters behind one address, who is evicted at a limit, which
 * stream continues at another port, and whose templates are used.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decode.h"

enum {
	NAT = 1,		/* the address that they share */
	PACKETS = 2,
	PROTOCOL = 4,
	TOS = 5,
	SRC_ADDR = 8,
	PACKETS_MAX = 100	/* of a flow of a fleet */
};

static struct decoder *dec;
static struct batch *batch;
static int64_t now_ns;
/* Flows by the meaning their octet was given, and its sum. */
static unsigned protocols, toses, sum;
/* Flows of fleets, and how many of them nobody sent. */
static unsigned fleet_flows, garbage;

static void
decoder_start(const struct decoder_limits *l)
{
	dec = decoder_new(l, 1);
	batch = batch_new(64);
	assert_non_null(dec);
	assert_non_null(batch);
	now_ns = INT64_C(1700000000) * 1000000000;
	protocols = toses = sum = 0;
	fleet_flows = garbage = 0;
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
count_rows(void)
{
	for (size_t r = 0; r < batch->nrows; r++) {
		bool protocol = batch_has(batch, COL_protocol, r);

		if (batch_has(batch, COL_packets, r)) {
			fleet_flows++;
			garbage += batch_uint(batch, COL_packets, r) >
			    PACKETS_MAX;
			continue;
		}
		protocols += protocol;
		toses += batch_has(batch, COL_tos, r);
		sum += (unsigned)batch_uint(batch,
		    protocol ? COL_protocol : COL_tos, r);
	}
	batch_reset(batch);
}

static void
seconds_pass(unsigned n)
{
	now_ns += n * INT64_C(1000000000);
}

static void
send_datagram(uint16_t port, const uint8_t *d, size_t len)
{
	decoder_begin(dec, &(struct datagram) { .payload = { d, len },
	    .src = addr_from_v4(NAT), .port = port, .recv_ns = now_ns });
	while (decoder_next(dec, batch))
		count_rows();
	count_rows();
}

/* A version 9 or IPFIX message with this set. */
static void
send_set(unsigned version, uint16_t port, uint32_t sequence, uint16_t id,
    const uint8_t *set, size_t len)
{
	uint8_t d[512] = { 0 };
	size_t n = version == 9 ? 20 : 16;

	store_be16(d, (uint16_t)version);
	store_be16(d + 2, version == 9 ? 1 : (uint16_t)(n + 4 + len));
	store_be32(d + (version == 9 ? 8 : 4),
	    (uint32_t)(now_ns / 1000000000));
	store_be32(d + (version == 9 ? 12 : 8), sequence);
	store_be16(d + n, id);
	store_be16(d + n + 2, (uint16_t)(4 + len));
	memcpy(d + n + 4, set, len);
	send_datagram(port, d, n + 4 + len);
}

/* A template with one element of one octet. */
static void
send_template(unsigned version, uint16_t port, uint32_t sequence, uint16_t id,
    uint16_t element)
{
	uint8_t t[8] = { (uint8_t)(id >> 8), (uint8_t)id, 0, 1, 0,
		(uint8_t)element, 0, 1 };

	send_set(version, port, sequence, version == 9 ? 0 : 2, t, sizeof(t));
}

/* n records of one octet, 1. */
static void
send_data(unsigned version, uint16_t port, uint32_t sequence, uint16_t id,
    size_t n)
{
	uint8_t ones[64];

	memset(ones, 1, sizeof(ones));
	send_set(version, port, sequence, id, ones, n);
}

static struct decode_counters
counters_sum(void)
{
	struct decoder_totals t;

	decoder_totals(dec, &t);
	return t.counters;
}

/* Every second exporter has a different template. */
static uint16_t
element_of(unsigned exporter)
{
	return exporter % 2 == 0 ? PROTOCOL : TOS;
}

/* n exporters behind one address, each sends its template once. */
static void
exporters_many(unsigned version, unsigned n, unsigned rounds)
{
	for (unsigned i = 0; i < n; i++)
		send_template(version, (uint16_t)(30000 + i), 1, 256,
		    element_of(i));
	for (unsigned r = 0; r < rounds; r++) {
		seconds_pass(1);
		for (unsigned i = 0; i < n; i++)
			send_data(version, (uint16_t)(30000 + i),
			    (version == 9 ? 2 : 1) + r, 256, 1);
	}
}

static void
streams_of_a_thousand_exporters_work_behind_one_address(void **unused)
{
	static const unsigned n[] = { 256, 257, 400, 1000 };

	(void)unused;
	for (unsigned version = 9; version <= 10; version++)
		for (size_t i = 0; i < sizeof(n) / sizeof(n[0]); i++) {
			decoder_start(NULL);
			exporters_many(version, n[i], 3);
			assert_int_equal(protocols, 3 * ((n[i] + 1) / 2));
			assert_int_equal(toses, 3 * (n[i] / 2));
			assert_int_equal(counters_sum().no_template, 0);
			assert_int_equal(counters_sum().lost, 0);
			assert_int_equal(counters_sum().evicted_streams, 0);
			(void)decoder_teardown(NULL);
		}
	decoder_start(NULL);
}

static void
stream_past_the_limit_costs_no_other_its_templates(void **unused)
{
	const struct decoder_limits l = { .exporter_streams = 256 };
	static const unsigned n[] = { 257, 300, 400 };

	(void)unused;
	for (size_t i = 0; i < sizeof(n) / sizeof(n[0]); i++) {
		struct decode_counters c;
		struct decoder_limit_state state;

		decoder_start(&l);
		exporters_many(9, n[i], 3);
		c = counters_sum();
		/* As many as fit work correctly. */
		assert_int_equal(c.flows, 3 * 256);
		assert_int_equal(protocols + toses, 3 * 256);
		assert_int_equal(c.no_template, 0);
		/* The rest is counted, with the name of the limit. */
		assert_int_equal(c.refused_datagrams, 3 * (n[i] - 256));
		assert_int_equal(c.evicted_streams, n[i] - 256);
		assert_int_equal(c.limited[DECODER_LIMIT_exporter_streams],
		    4 * (n[i] - 256));
		decoder_limit(dec, DECODER_LIMIT_exporter_streams, &state);
		assert_int_equal(state.value, 256);
		assert_int_equal(state.hits, 4 * (n[i] - 256));
		assert_int_equal(state.last.v4, NAT);
		assert_int_equal(decoder_hits(dec), state.hits);
		(void)decoder_teardown(NULL);
	}
	decoder_start(NULL);
}

/* New ports send templates, flows, and data without templates. */
static void
stream_that_is_new_takes_no_place_of_one_that_works(void **unused)
{
	(void)unused;
	decoder_start(&(struct decoder_limits) { .exporter_streams = 16 });
	exporters_many(9, 15, 3);
	protocols = toses = 0;
	for (uint32_t i = 0; i < 2000; i++) {
		uint16_t port = (uint16_t)(1000 + i);

		if (i % 3 == 0)
			send_template(9, port, 7000 * i, 256, PROTOCOL);
		if (i % 3 > 0)
			send_data(9, port, 7000 * i, 256, 1);
		if (i % 100 == 0)
			seconds_pass(1);
		if (i % 40 == 0)
			for (uint16_t k = 0; k < 15; k++)
				send_data(9, 30000 + k, 5 + i / 40, 256, 1);
	}
	assert_int_equal(protocols, 50 * 8);
	assert_int_equal(toses, 50 * 7);
	assert_int_equal(counters_sum().lost, 0);
}

static void
stream_that_is_silent_gives_way(void **unused)
{
	(void)unused;
	decoder_start(&(struct decoder_limits) { .exporter_streams = 4 });
	exporters_many(9, 4, 20);
	protocols = toses = 0;
	/* Its exporter restarts from another port. */
	send_template(9, 5000, 0, 256, PROTOCOL);
	send_data(9, 5000, 1, 256, 1);
	assert_int_equal(protocols, 0);
	assert_int_equal(counters_sum().refused_datagrams, 2);
	for (int i = 0; i < 61; i++) {
		seconds_pass(1);
		for (uint16_t k = 1; k < 4; k++)
			send_data(9, 30000 + k, 22U + (unsigned)i, 256, 1);
	}
	protocols = toses = 0;
	send_template(9, 5000, 2, 256, PROTOCOL);
	send_data(9, 5000, 3, 256, 1);
	assert_int_equal(protocols, 1);
	assert_int_equal(counters_sum().evicted_streams, 1);
}

/* More than fit, each with its template in every datagram. */
static void
streams_that_come_in_turns_do_not_push_each_other_out(void **unused)
{
	uint8_t d[] = { 0, 9, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 12, 1, 0, 0, 1, 0, 4, 0, 1, 1, 0, 0, 5, 6 };

	(void)unused;
	decoder_start(&(struct decoder_limits) { .exporter_streams = 50 });
	for (uint32_t round = 0; round < 4; round++) {
		seconds_pass(1);
		for (uint16_t i = 0; i < 60; i++) {
			store_be32(d + 8, (uint32_t)(now_ns / 1000000000));
			store_be32(d + 12, round);
			send_datagram(2000 + i, d, sizeof(d));
		}
	}
	/* The last place is shared by those in excess. */
	assert_in_range(counters_sum().evicted_streams, 40, 44);
	assert_int_equal(counters_sum().flows, 240);
}

/* Version 5: evicting a stream loses nothing, and no datagram is refused. */
static void
stream_without_templates_is_never_refused(void **unused)
{
	uint8_t d[72] = { 0, 5, 0, 1 };

	(void)unused;
	decoder_start(&(struct decoder_limits) { .exporter_streams = 8 });
	for (unsigned round = 0; round < 4; round++) {
		seconds_pass(1);
		for (unsigned i = 0; i < 20; i++) {
			store_be32(d + 16, round);
			send_datagram((uint16_t)(2000 + i), d, sizeof(d));
		}
	}
	assert_int_equal(counters_sum().flows, 80);
	assert_int_equal(counters_sum().refused_datagrams, 0);
}

static void
template_of_another_process_is_not_borrowed(void **unused)
{
	(void)unused;
	for (unsigned version = 9; version <= 10; version++) {
		decoder_start(NULL);
		send_template(version, 31000, 0, 256, PROTOCOL);
		send_data(version, 31000, version == 9, 256, 1);
		assert_int_equal(protocols, 1);
		/* Data of another exporter, before its template. */
		send_data(version, 31001, 700, 256, 3);
		send_data(version, 31001, version == 9 ? 701 : 703, 256, 3);
		assert_int_equal(protocols + toses, 1);
		send_template(version, 31001, version == 9 ? 702 : 706, 256,
		    TOS);
		assert_int_equal(protocols, 1);
		assert_int_equal(toses, 6);
		assert_int_equal(counters_sum().early_decoded, 2);
		assert_int_equal(counters_sum().borrowed, 0);
		assert_int_equal(counters_sum().moved, 0);
		(void)decoder_teardown(NULL);
	}
	/* Nor after a long wait: its port repeats. */
	decoder_start(&(struct decoder_limits) { .early_ms = 5000 });
	send_template(9, 31000, 0, 256, PROTOCOL);
	for (uint32_t i = 0; i < 20; i++) {
		seconds_pass(1);
		send_data(9, 31000, 1 + i, 256, 1);
		send_data(9, 31001, 700 + i, 256, 1);
	}
	assert_int_equal(protocols + toses, 20);
	assert_true(counters_sum().early_expired >= 10);
	assert_int_equal(counters_sum().limited[DECODER_LIMIT_early_ms],
	    counters_sum().early_expired);
}

/* Both started at the same time and have the same numbers. */
static void
template_of_a_twin_is_not_borrowed(void **unused)
{
	(void)unused;
	for (unsigned version = 9; version <= 10; version++)
		for (uint32_t first = 0; first < 40; first++) {
			decoder_start(NULL);
			send_template(version, 31000, first, 256, PROTOCOL);
			for (uint32_t i = 0; i < 4; i++) {
				uint32_t seq = first + (version == 9) + i;

				send_data(version, 31000, seq, 256, 1);
				send_data(version, 31001, seq, 256, 1);
			}
			assert_int_equal(protocols, 4);
			send_template(version, 31001, first + 5, 256, TOS);
			assert_int_equal(protocols, 4);
			assert_int_equal(toses, 4);
			(void)decoder_teardown(NULL);
		}
	decoder_start(NULL);
}

/*
 * An exporter that sends each datagram from a new port, starting at number
 * first.
 */
static void
send_from_changing_ports(unsigned version, uint32_t first, unsigned datagrams)
{
	uint32_t seq = first;
	uint16_t port = 40000;

	send_template(version, port++, seq, 256, PROTOCOL);
	seq += version == 9;
	for (unsigned i = 0; i < datagrams; i++, port++) {
		send_data(version, port, seq, 256, 5);
		seq += version == 9 ? 1 : 5;
		seconds_pass(i % 3 == 0);
	}
}

static void
stream_that_changes_its_port_keeps_its_templates(void **unused)
{
	(void)unused;
	for (unsigned version = 9; version <= 10; version++)
		for (uint32_t first = 0; first < 40; first++) {
			struct decoder_totals t;

			decoder_start(NULL);
			send_from_changing_ports(version, first, 300);
			assert_int_equal(protocols, 300 * 5);
			assert_int_equal(sum, 300 * 5);
			decoder_totals(dec, &t);
			assert_true(t.streams <= 2);
			assert_int_equal(t.counters.lost, 0);
			assert_int_equal(t.early, 0);
			(void)decoder_teardown(NULL);
		}
	decoder_start(NULL);
}

/* Another process with another template is active. */
static void
stream_that_changes_its_port_is_told_from_others(void **unused)
{
	(void)unused;
	for (unsigned version = 9; version <= 10; version++) {
		decoder_start(NULL);
		send_template(version, 31000, 9, 256, TOS);
		send_data(version, 31000, 10, 256, 1);
		send_data(version, 31000, 11, 256, 1);
		send_from_changing_ports(version, 1000, 100);
		assert_int_equal(toses, 2);
		assert_int_equal(protocols, 500);
		/* And a third, whose template is unknown. */
		send_data(version, 31002, 20000, 256, 1);
		assert_int_equal(toses, 2);
		assert_int_equal(protocols, 500);
		send_data(version, 31000, 12, 256, 1);
		assert_int_equal(toses, 3);
		(void)decoder_teardown(NULL);
	}
	decoder_start(NULL);
}

/* The datagram behind the template is lost: those that follow tell. */
static void
template_is_borrowed_where_the_number_is_near(void **unused)
{
	(void)unused;
	decoder_start(NULL);
	send_template(9, 40000, 20, 256, PROTOCOL);
	seconds_pass(1);
	for (uint16_t i = 0; i < 4; i++)
		send_data(9, 40002 + i, 22U + i, 256, 1);
	assert_int_equal(protocols, 0);
	assert_int_equal(counters_sum().early_held, 4);
	send_data(9, 40006, 26, 256, 1);
	assert_int_equal(protocols, 5);
	send_data(9, 40007, 27, 256, 1);
	assert_int_equal(protocols, 6);
	assert_int_equal(counters_sum().borrowed, 6);
	assert_int_equal(counters_sum().early_decoded, 4);
	assert_int_equal(counters_sum().moved, 2);
	/* Later losses are counted. */
	send_data(9, 40010, 30, 256, 1);
	assert_int_equal(protocols, 7);
	assert_int_equal(counters_sum().lost, 2);
	(void)decoder_teardown(NULL);
	/* But not while the stream that has it continues. */
	decoder_start(NULL);
	send_template(9, 40000, 20, 256, PROTOCOL);
	send_data(9, 40000, 21, 256, 1);
	for (uint32_t i = 0; i < 10; i++) {
		seconds_pass(1);
		send_data(9, 50000, 24 + i, 256, 1);
		send_data(9, 40000, 22 + i, 256, 1);
	}
	assert_int_equal(protocols, 11);
	assert_int_equal(counters_sum().borrowed, 0);
}

/* NAT changed its port, and a datagram was lost. */
static void
template_is_borrowed_from_a_port_that_is_silent(void **unused)
{
	(void)unused;
	decoder_start(NULL);
	send_template(9, 40000, 100, 256, PROTOCOL);
	for (uint32_t i = 0; i < 10; i++)
		send_data(9, 40000, 101 + i, 256, 1);
	/* It was there for a moment: it may send a burst each minute. */
	seconds_pass(60);
	for (uint32_t i = 0; i < 5; i++)
		send_data(9, 50000, 114 + i, 256, 1);
	assert_int_equal(protocols, 10);
	seconds_pass(120);
	send_data(9, 50000, 119, 256, 1);
	assert_int_equal(protocols, 16);
	assert_int_equal(counters_sum().borrowed, 6);
	(void)decoder_teardown(NULL);
	/* With a datagram a second, it is soon known to have stopped. */
	decoder_start(NULL);
	send_template(9, 40000, 100, 256, PROTOCOL);
	for (uint32_t i = 0; i < 200; i++) {
		seconds_pass(1);
		send_data(9, 40000, 101 + i, 256, 1);
	}
	for (uint32_t i = 0; i < 3; i++) {
		seconds_pass(1);
		send_data(9, 50000, 301 + i, 256, 1);
	}
	assert_int_equal(protocols, 200);
	seconds_pass(1);
	send_data(9, 50000, 304, 256, 1);
	assert_int_equal(protocols, 204);
	assert_int_equal(counters_sum().early_decoded, 3);
	assert_int_equal(counters_sum().moved, 0);
	assert_int_equal(counters_sum().lost, 0);
}

/* One of a fleet: a router behind the address that the others have, too. */
struct router {
	uint32_t sequence;
	unsigned bare;		/* datagrams before the first template */
};

static uint32_t
random_below(uint64_t *seed, uint32_t n)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)((*seed >> 33) % n);
}

/* The fields of a router, four octets each; half of the routers swap them. */
static size_t
put_template(uint8_t *at, unsigned version, bool swapped)
{
	store_be16(at, version == 9 ? 0 : 2);
	store_be16(at + 2, 16);
	store_be16(at + 4, 256);
	store_be16(at + 6, 2);
	store_be16(at + 8, swapped ? PACKETS : SRC_ADDR);
	store_be16(at + 10, 4);
	store_be16(at + 12, swapped ? SRC_ADDR : PACKETS);
	store_be16(at + 14, 4);
	return 16;
}

static size_t
put_flows(uint8_t *at, unsigned n, bool swapped)
{
	store_be16(at, 256);
	store_be16(at + 2, (uint16_t)(4 + 8 * n));
	for (uint8_t *p = at + 4; p < at + 4 + 8 * n; p += 8) {
		store_be32(p + (swapped ? 4 : 0), 0x0a000001);
		store_be32(p + (swapped ? 0 : 4), PACKETS_MAX);
	}
	return 4 + 8 * n;
}

static void
router_sends(struct router *r, unsigned version, unsigned i, unsigned nflows)
{
	uint8_t d[128] = { 0 };
	size_t n = version == 9 ? 20 : 16;

	store_be16(d, (uint16_t)version);
	store_be16(d + 2, (uint16_t)nflows);
	store_be32(d + (version == 9 ? 8 : 4),
	    (uint32_t)(now_ns / 1000000000));
	store_be32(d + (version == 9 ? 12 : 8), r->sequence);
	if (r->bare == 0) {
		store_be16(d + 2, (uint16_t)(nflows + 1));
		n += put_template(d + n, version, i % 2);
	}
	r->bare = r->bare == 0 ? 8 : r->bare - 1;
	n += put_flows(d + n, nflows, i % 2);
	if (version == 10)
		store_be16(d + 2, (uint16_t)n);
	r->sequence += version == 9 ? 1 : nflows;
	send_datagram((uint16_t)(20000 + i), d, n);
}

/* n routers for some rounds of a second, in random order. */
static void
routers_send(unsigned version, uint32_t n, uint32_t spread, uint64_t seed)
{
	struct router routers[300];
	unsigned sent = 0;

	for (unsigned i = 0; i < n; i++)
		routers[i] =
		    (struct router) { 1000 + random_below(&seed, spread + 1),
			    random_below(&seed, 8) };
	for (uint32_t k = 0; k < 16 * n; k++) {
		unsigned i = random_below(&seed, n),
			 nflows = 1 + random_below(&seed, 5);

		now_ns += INT64_C(1000000000) / n;
		router_sends(&routers[i], version, i, nflows);
		sent += nflows;
	}
	assert_true(fleet_flows > sent / 2);
	assert_int_equal(garbage, 0);
}

/* Sequence numbers are equal, near or far; templates are late. */
static void
template_of_one_that_counts_alike_is_not_borrowed(void **unused)
{
	static const uint32_t sizes[] = { 2, 3, 5, 10, 20, 32, 50, 100, 300 };
	static const uint32_t spreads[] = { 0, 4, 20, 50, 100, 300, 1000, 5000,
		50000, 1000000 };

	(void)unused;
	for (size_t k = 0; k < sizeof(sizes) / sizeof(*sizes); k++)
		for (size_t i = 0; i < sizeof(spreads) / sizeof(*spreads); i++)
			for (uint64_t seed = 0; seed < 4; seed++) {
				unsigned version = 9 + seed % 2;

				decoder_start(NULL);
				routers_send(
				    version, sizes[k], spreads[i], seed);
				assert_int_equal(counters_sum().moved, 0);
				(void)decoder_teardown(NULL);
			}
	decoder_start(NULL);
}

/* Sequence numbers are constant, and no port repeats. */
static void
template_is_assumed_where_ports_are_random(void **unused)
{
	(void)unused;
	decoder_start(&(struct decoder_limits) { .early_ms = 5000 });
	send_template(9, 40000, 0, 256, PROTOCOL);
	for (uint16_t i = 1; i < 60; i++) {
		seconds_pass(1);
		send_data(9, 40000 + i, 0, 256, 1);
		/* It takes some time to know that none repeats. */
		assert_true(protocols == 0 || i >= 20);
	}
	assert_int_equal(protocols, counters_sum().borrowed);
	assert_in_range(protocols, 38, 40);
	assert_in_range(counters_sum().early_expired, 13, 15);
	/* Not if two different templates are known. */
	send_template(9, 41000, 0, 256, TOS);
	seconds_pass(10);
	protocols = toses = 0;
	send_data(9, 41001, 0, 300, 1);
	assert_int_equal(protocols + toses, 0);
}

/* Each sends rarely: no port has repeated when data has waited. */
static void
template_is_not_assumed_for_one_of_many_exporters(void **unused)
{
	(void)unused;
	decoder_start(&(struct decoder_limits) { .early_ms = 5000 });
	send_template(9, 40000, 100, 256, PROTOCOL);
	for (uint32_t i = 0; i < 90; i++) {
		seconds_pass(1);
		send_data(9, (uint16_t)(41000 + i % 15), 5000 * (i % 15), 256,
		    1);
	}
	assert_int_equal(protocols, 0);
	assert_true(counters_sum().early_expired > 0);
}

#define TEST(name) cmocka_unit_test_teardown(name, decoder_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(streams_of_a_thousand_exporters_work_behind_one_address),
		TEST(stream_past_the_limit_costs_no_other_its_templates),
		TEST(stream_that_is_new_takes_no_place_of_one_that_works),
		TEST(stream_that_is_silent_gives_way),
		TEST(streams_that_come_in_turns_do_not_push_each_other_out),
		TEST(stream_without_templates_is_never_refused),
		TEST(template_of_another_process_is_not_borrowed),
		TEST(template_of_a_twin_is_not_borrowed),
		TEST(stream_that_changes_its_port_keeps_its_templates),
		TEST(stream_that_changes_its_port_is_told_from_others),
		TEST(template_is_borrowed_where_the_number_is_near),
		TEST(template_is_borrowed_from_a_port_that_is_silent),
		TEST(template_of_one_that_counts_alike_is_not_borrowed),
		TEST(template_is_assumed_where_ports_are_random),
		TEST(template_is_not_assumed_for_one_of_many_exporters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
