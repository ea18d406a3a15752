/*
 * Sessions: exporters that number the messages of each domain separately, and
 * those that number all domains together, with every unit and with losses;
 * through the decoder, and across a saved state.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decode.h"
#include "message.h"

enum {
	DOMAINS = 3
};

static struct decoder *dec;
static struct batch *batch;
static uint32_t random_state;

static uint32_t
random_below(uint32_t n)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % n;
}

static int
decoder_setup(void **unused)
{
	(void)unused;
	decoder_free(dec);
	dec = decoder_new(NULL, 1);
	if (batch == NULL)
		batch = batch_new(BATCH_ROWS);
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

static size_t
message_head(uint8_t *d, unsigned version, uint32_t number, uint32_t domain,
    uint32_t sec)
{
	bool v9 = version == 9;
	size_t at = v9 ? 8 : 4;

	store_be16(d, (uint16_t)version);
	if (v9)
		store_be32(d + 4, sec * 1000);
	store_be32(d + at, 1700000000 + sec);
	store_be32(d + at + 4, number);
	store_be32(d + at + 8, domain);
	return at + 12;
}

/* A template of one octet, and so many flows of it. */
static size_t
message_sets(uint8_t *d, unsigned version, uint32_t flows)
{
	static const uint8_t template[] = { 0, 0, 0, 12, 1, 0, 0, 1, 0, 4, 0,
		1 };

	memcpy(d, template, sizeof(template));
	d[1] = version == 9 ? 0 : 2;
	store_be16(d + 12, 256);
	store_be16(d + 14, (uint16_t)(4 + flows));
	memset(d + 16, 6, flows);
	return 16 + flows;
}

static void
message_send(unsigned version, uint32_t number, uint32_t domain, uint32_t flows,
    uint32_t sec)
{
	uint8_t data[256] = { 0 };
	size_t len = message_head(data, version, number, domain, sec);
	struct datagram d = { .src = addr_from_v4(1),
		.port = 2055,
		.recv_ns = (int64_t)sec * 1000000000 };

	len += message_sets(data + len, version, flows);
	if (version == 10)
		store_be16(data + 2, (uint16_t)len);
	d.payload = (struct bytes) { data, len };
	decoder_begin(dec, &d);
	while (decoder_next(dec, batch))
		batch_reset(batch);
	batch_reset(batch);
}

static int
get_info(const struct exporter_info *info, void *arg)
{
	*(struct exporter_info *)arg = *info;
	return 0;
}

static struct exporter_info
only_info(void)
{
	struct exporter_info got = { 0 };

	(void)decoder_each_exporter(dec, get_info, &got);
	return got;
}

static void
assert_lost(uint64_t lost)
{
	struct decode_counters c = only_info().counters;

	assert_int_equal(c.lost, lost);
	assert_int_equal(c.late, 0);
	assert_int_equal(c.repeated, 0);
	assert_int_equal(c.restarts, 0);
}

/* How an exporter numbers its messages. */
struct numbering {
	unsigned version;
	bool shared;
	bool flows; /* it counts them, and not messages */
	const char *word;
};

static const struct numbering numberings[] = {
	{ 9, false, false, "datagrams" },
	{ 9, false, true, "flows" },
	{ 9, true, false, "datagrams, all domains" },
	{ 9, true, true, "flows, all domains" },
	{ 10, false, false, "datagrams" },
	{ 10, false, true, "records" },
	{ 10, true, false, "datagrams, all domains" },
	{ 10, true, true, "records, all domains" },
};

static uint32_t next[DOMAINS];

/* Sends n messages, of which some percent are lost; returns how many units. */
static uint64_t
send_run(const struct numbering *how, uint32_t n, uint32_t percent)
{
	uint64_t lost = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t domain = random_below(DOMAINS);
		uint32_t flows = 1 + random_below(30);
		uint32_t units = how->flows ? flows : 1;
		uint32_t *number = &next[how->shared ? 0 : domain];

		/* The ends show what was lost before. */
		if (i > 20 && i + 20 < n && random_below(100) < percent)
			lost += units;
		else
			message_send(
			    how->version, *number, domain, flows, 10 + i / 20);
		*number += units;
	}
	for (uint32_t domain = 0; domain < DOMAINS; domain++) {
		message_send(how->version, next[how->shared ? 0 : domain],
		    domain, 1, 10 + n / 20);
		next[how->shared ? 0 : domain]++;
	}
	return lost;
}

static void
session_learns_whether_domains_share_a_number(void **unused)
{
	static const uint32_t percents[] = { 0, 2, 20, 40 };

	random_state = 9;
	for (size_t i = 0; i < sizeof(numberings) / sizeof(numberings[0]); i++)
		for (size_t p = 0; p < 4; p++)
			for (int run = 0; run < 10; run++) {
				uint64_t lost;

				(void)decoder_setup(unused);
				for (int k = 0; k < DOMAINS; k++)
					next[k] = run % 3 == 0
					    ? 0
					    : random_below(1 << 24) * 251;
				lost =
				    send_run(&numberings[i], 600, percents[p]);
				assert_lost(lost);
				assert_string_equal(only_info().sequence_unit,
				    numberings[i].word);
			}
}

static void
session_counts_nothing_that_may_be_another_domain_s(void **unused)
{
	(void)unused;
	for (uint32_t i = 0; i < 40; i++) {
		message_send(9, 100 + i, i % 2, 5, i / 10);
		assert_lost(0);
	}
	assert_string_equal(
	    only_info().sequence_unit, "datagrams, all domains");
	message_send(9, 150, 0, 5, 4);
	assert_lost(10);
	/* Another domain is one of them. */
	message_send(9, 152, 7, 5, 4);
	assert_lost(11);
}

static void
session_takes_over_what_one_domain_had(void **unused)
{
	(void)unused;
	for (uint32_t i = 0; i < 30; i++)
		message_send(9, 100 + i, 1, 5, i / 10);
	message_send(9, 133, 1, 5, 3);
	assert_lost(3);
	for (uint32_t i = 0; i < 30; i++)
		message_send(9, 134 + i, i % 2, 5, 4);
	assert_lost(3);
	assert_string_equal(
	    only_info().sequence_unit, "datagrams, all domains");
}

static void
session_is_known_from_its_state(void **unused)
{
	struct buf state;

	for (uint32_t i = 0; i < 60; i++)
		message_send(9, 1000 + 10 * i, i % 2, 10, 1);
	assert_string_equal(only_info().sequence_unit, "flows, all domains");
	buf_init(&state, 1 << 20);
	decoder_save(dec, &state);
	assert_true(buf_ok(&state));
	(void)decoder_setup(unused);
	assert_int_equal(
	    decoder_load(dec,
		(struct bytes) { (const uint8_t *)state.ptr, state.len }, NULL,
		&(struct decoder_loaded) { 0 }, NULL),
	    0);
	assert_string_equal(only_info().sequence_unit, "flows, all domains");
	message_send(9, 1610, 1, 10, 2);
	assert_lost(10);
	message_send(9, 1620, 0, 10, 2);
	assert_lost(10);
	buf_fini(&state);
}

static void
session_of_units_that_differ_says_so(void **unused)
{
	(void)unused;
	for (uint32_t i = 0; i < 60; i++) {
		message_send(9, 1000 + 10 * i, 0, 10, 1);
		message_send(9, 70000 + i, 1, 10, 1);
	}
	assert_string_equal(only_info().sequence_unit, "several");
	assert_lost(0);
}

#define TEST(name) cmocka_unit_test_setup(name, decoder_setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(session_learns_whether_domains_share_a_number),
		TEST(session_counts_nothing_that_may_be_another_domain_s),
		TEST(session_takes_over_what_one_domain_had),
		TEST(session_is_known_from_its_state),
		TEST(session_of_units_that_differ_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, decoder_teardown);
}
