/*
 * Made-up senders, and an exporter that needs a place among them: attacks that
 * locked it out, in simulated time, with the default limits. Victims are
 * random, so each attack runs with many seeds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decode.h"

enum {
	REAL = 16,		/* address of the exporter */
	MADE_UP = 0x10000,	/* the first of those of the others */
	SEEDS = 20,
	FLOWS = 10		/* in a datagram of the exporter */
};

static struct decoder *dec;
static struct batch *batch;
static int64_t now_ns;
static uint32_t sequence;
static uint64_t sent, got;

static void
decoder_start(uint64_t seed)
{
	dec = decoder_new(NULL, seed);
	batch = batch_new(64);
	assert_non_null(dec);
	assert_non_null(batch);
	now_ns = INT64_C(1700000000) * 1000000000;
	sequence = 0;
	sent = got = 0;
}

static void
decoder_stop(void)
{
	decoder_free(dec);
	batch_free(batch);
}

static void
send_datagram(uint32_t from, const uint8_t *d, size_t len)
{
	decoder_begin(dec, &(struct datagram) { .payload = { d, len },
	    .src = addr_from_v4(from), .port = 2055, .recv_ns = now_ns });
	assert_false(decoder_next(dec, batch));
	if (from == REAL)
		got += batch->nrows;
	batch_reset(batch);
}

/* One flow of version 5. */
static void
send_made_up(uint32_t number, uint32_t seq)
{
	uint8_t d[72] = { 0, 5, 0, 1 };

	store_be32(d + 8, (uint32_t)(now_ns / 1000000000));
	store_be32(d + 16, seq);
	send_datagram(MADE_UP + number, d, sizeof(d));
}

/* The exporter uses version 9 and sends its template once. */
static void
send_real(bool template)
{
	uint8_t d[64] = { 0, 9, 0, 1 };
	size_t n = 20;

	store_be32(d + 8, (uint32_t)(now_ns / 1000000000));
	store_be32(d + 12, sequence++);
	if (template) {
		static const uint8_t set[] = { 0, 0, 0, 12, 1, 0, 0, 1, 0, 4,
			0, 1 };

		memcpy(d + n, set, sizeof(set));
		n += sizeof(set);
	} else {
		store_be16(d + n, 256);
		store_be16(d + n + 2, 4 + FLOWS);
		memset(d + n + 4, 6, FLOWS);
		n += 4 + FLOWS;
		sent += FLOWS;
	}
	send_datagram(REAL, d, n);
}

/* Sends from so many senders in turn at this rate, for some seconds. */
static void
flood_send(double duration_s, uint32_t rate, uint32_t senders, uint32_t *next)
{
	uint32_t n = (uint32_t)(duration_s * rate);

	for (uint32_t i = 0; i < n; i++, ++*next) {
		now_ns += 1000000000 / rate;
		send_made_up(*next % senders, *next / senders);
	}
}

/*
 * The exporter sends every five seconds; 900 strangers a second are more than
 * there are places until its next datagram.
 */
static void
exporter_that_sends_seldom_stays_among_strangers(void **unused)
{
	unsigned kept = 0;

	(void)unused;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		uint32_t next = 0;

		decoder_start(seed);
		send_real(true);
		for (int i = 0; i < 8; i++) {
			send_real(false);
			flood_send(5, 900, 1 << 20, &next);
		}
		kept += got == sent;
		decoder_stop();
	}
	assert_true(kept >= SEEDS * 3 / 4);
}

/* Strangers took all places before. */
static void
exporter_that_comes_late_finds_a_place_among_strangers(void **unused)
{
	unsigned kept = 0;

	(void)unused;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		uint32_t next = 0;

		decoder_start(seed);
		flood_send(10, 900, 1 << 20, &next);
		send_real(true);
		for (int i = 0; i < 20; i++) {
			flood_send(1, 900, 1 << 20, &next);
			send_real(false);
		}
		kept += got == sent;
		decoder_stop();
	}
	assert_true(kept >= SEEDS / 2);
}

/*
 * As many made-up senders as there are places settle. Then two strangers a
 * second can evict all earlier ones again and again.
 */
static void
exporter_that_comes_late_finds_a_place_beside_the_settled(void **unused)
{
	unsigned kept = 0;

	(void)unused;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		uint32_t next = 0, stranger = 0;
		struct decoder_totals t;

		decoder_start(seed);
		flood_send(15, 4300, 4096, &next);
		decoder_totals(dec, &t);
		assert_true(t.settled > 3000 && t.settled <= 3584);
		send_real(true);
		for (int i = 0; i < 40; i++) {
			now_ns += 450000000;
			send_made_up(1U << 23 | stranger++, 0);
			send_real(false);
			now_ns += 450000000;
			send_made_up(1U << 23 | stranger++, 0);
		}
		kept += got == sent;
		/* No settled exporter was evicted. */
		decoder_totals(dec, &t);
		assert_int_equal(t.evicted_settled, 0);
		decoder_stop();
	}
	assert_int_equal(kept, SEEDS);
}

/* An exporter that settled before loses nothing. */
static void
exporter_that_is_settled_loses_nothing(void **unused)
{
	uint32_t next = 0;

	(void)unused;
	decoder_start(1);
	send_real(true);
	for (int i = 0; i < 14; i++) {
		send_real(false);
		now_ns += 1000000000;
	}
	for (int i = 0; i < 6; i++) {
		send_real(false);
		flood_send(5, 4200, 4200, &next);
	}
	flood_send(5, 4200, 1 << 20, &next);
	send_real(false);
	assert_int_equal(got, sent);
	decoder_stop();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    exporter_that_sends_seldom_stays_among_strangers),
		cmocka_unit_test(
		    exporter_that_comes_late_finds_a_place_among_strangers),
		cmocka_unit_test(
		    exporter_that_comes_late_finds_a_place_beside_the_settled),
		cmocka_unit_test(exporter_that_is_settled_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
