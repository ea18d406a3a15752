/* State that outlives a decoder: what is restored, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crc32.h"
#include "decode.h"

static struct batch *batch;
static struct buf state;
static int64_t now_ns = INT64_C(1700000000) * 1000000000;

static int
setup(void **unused)
{
	(void)unused;
	batch = batch_new(64);
	buf_init(&state, 16 * 1024 * 1024);
	return batch == NULL;
}

static int
teardown(void **unused)
{
	(void)unused;
	batch_free(batch);
	buf_fini(&state);
	return 0;
}

static struct decoder *
new_decoder(const struct decoder_limits *l)
{
	struct decoder *dec = decoder_new(l, (uint64_t)now_ns);

	assert_non_null(dec);
	batch_reset(batch);
	return dec;
}

static void
send_datagram(struct decoder *dec, uint32_t from, const uint8_t *d, size_t len)
{
	batch_reset(batch);
	decoder_begin(dec, &(struct datagram) { .payload = { d, len },
	    .src = addr_from_v4(from), .port = 2055, .recv_ns = now_ns });
	assert_false(decoder_next(dec, batch));
}

static size_t
v9_head(uint8_t *d, uint32_t sequence, uint32_t domain)
{
	memset(d, 0, 20);
	store_be16(d, 9);
	store_be32(d + 4, 3600000);
	store_be32(d + 8, (uint32_t)(now_ns / 1000000000));
	store_be32(d + 12, sequence);
	store_be32(d + 16, domain);
	return 20;
}

/* Templates of flows and of options, and options data: a rate, a name. */
static void
send_v9_templates(struct decoder *dec, uint32_t from, uint32_t sequence)
{
	static const uint8_t sets[] = {
		0, 0, 0, 16, 1, 0, 0, 2, 0, 4, 0, 1, 0, 48, 0, 1,
		0, 1, 0, 28, 1, 2, 0, 4, 0, 12, 0, 1, 0, 4, 0, 48, 0, 1,
		0, 50, 0, 4, 0, 49, 0, 1, 0, 0,
		0, 1, 0, 20, 1, 3, 0, 4, 0, 4, 0, 2, 0, 4, 0, 82, 0, 6, 0, 0,
		1, 2, 0, 14, 0, 0, 0, 0, 1, 0, 0, 3, 232, 2,
		1, 3, 0, 14, 0, 0, 0, 3, 'e', 't', 'h', '3', 0, 0,
	};
	uint8_t d[256];
	size_t n = v9_head(d, sequence, 7);

	memcpy(d + n, sets, sizeof(sets));
	send_datagram(dec, from, d, n + sizeof(sets));
}

static void
send_v9_data(struct decoder *dec, uint32_t from, uint32_t sequence)
{
	static const uint8_t set[] = { 1, 0, 0, 6, 6, 1 };
	uint8_t d[64];
	size_t n = v9_head(d, sequence, 7);

	memcpy(d + n, set, sizeof(set));
	send_datagram(dec, from, d, n + sizeof(set));
}

/* An enterprise element and one of variable length. */
static void
send_ipfix_template(struct decoder *dec, uint32_t from)
{
	static const uint8_t d[] = { 0, 10, 0, 36, 0x65, 0x53, 0xf1, 0, 0, 0,
		0, 0, 0, 0, 0, 1, 0, 2, 0, 20, 1, 0, 0, 2, 0x80 | 3, 1, 0, 4,
		0, 0, 0x1a, 0xd7, 0, 96, 255, 255 };

	send_datagram(dec, from, d, sizeof(d));
}

/* A saved decoder that knows two exporters. */
static void
save_two(void)
{
	struct decoder *dec = new_decoder(NULL);

	send_v9_templates(dec, 1, 10);
	send_v9_data(dec, 1, 11);
	send_ipfix_template(dec, 2);
	buf_reset(&state);
	decoder_save(dec, &state);
	assert_true(buf_ok(&state));
	decoder_free(dec);
}

static struct bytes
state_saved(void)
{
	return (struct bytes) { state.ptr, state.len };
}

static struct decode_counters
counters_of(const struct decoder *dec)
{
	struct decoder_totals t;

	decoder_totals(dec, &t);
	return t.counters;
}

static void
state_brings_back_templates_sampling_names_and_sequence(void **unused)
{
	struct decoder *dec = new_decoder(NULL);
	struct decoder_loaded loaded;
	struct buf again;

	(void)unused;
	save_two();
	assert_int_equal(
	    decoder_load(dec, state_saved(), NULL, &loaded, NULL), 0);
	assert_int_equal(loaded.exporters, 2);
	assert_int_equal(loaded.templates, 4);
	assert_int_equal(loaded.names, 1);
	assert_int_equal(loaded.refused, 0);
	/* Saving again gives the same. */
	buf_init(&again, 1 << 20);
	decoder_save(dec, &again);
	assert_int_equal(again.len, state.len);
	assert_memory_equal(again.ptr, state.ptr, state.len);
	buf_fini(&again);
	/* Two datagrams are missing, and the template is known. */
	send_v9_data(dec, 1, 14);
	assert_int_equal(batch->nrows, 1);
	assert_int_equal(batch_uint(batch, COL_sampling_interval, 0), 1000);
	assert_int_equal(counters_of(dec).lost, 2);
	assert_int_equal(counters_of(dec).no_template, 0);
	decoder_free(dec);
}

static void
state_keeps_what_came_since(void **unused)
{
	static const uint8_t other[] = { 0, 0, 0, 16, 1, 0, 0, 2, 0, 5, 0, 1,
		0, 7, 0, 1 };
	struct decoder *dec = new_decoder(NULL);
	struct decoder_loaded loaded;
	uint8_t d[64];
	size_t n;

	(void)unused;
	save_two();
	n = v9_head(d, 100, 7);
	memcpy(d + n, other, sizeof(other));
	send_datagram(dec, 1, d, n + sizeof(other));
	assert_int_equal(
	    decoder_load(dec, state_saved(), NULL, &loaded, NULL), 0);
	assert_int_equal(loaded.templates, 3);
	send_v9_data(dec, 1, 101);
	assert_true(batch_has(batch, COL_tos, 0));
	assert_false(batch_has(batch, COL_protocol, 0));
	assert_int_equal(counters_of(dec).lost, 0);
	decoder_free(dec);
}

static bool
is_two(const struct addr *addr, void *arg)
{
	++*(int *)arg;
	return addr->v4 == 2;
}

static void
state_takes_the_exporters_that_are_wanted(void **unused)
{
	int asked = 0;
	struct decoder_load how = { .accept = is_two, .arg = &asked };
	struct decoder *dec = new_decoder(NULL);
	struct decoder_loaded loaded;

	(void)unused;
	save_two();
	assert_int_equal(
	    decoder_load(dec, state_saved(), &how, &loaded, NULL), 0);
	assert_int_equal(asked, 2);
	assert_int_equal(loaded.exporters, 1);
	assert_int_equal(loaded.templates, 1);
	assert_int_equal(loaded.names, 0);
	how = (struct decoder_load) { .oldest_ns = now_ns + 1 };
	assert_int_equal(
	    decoder_load(dec, state_saved(), &how, &loaded, NULL), 0);
	assert_int_equal(loaded.exporters, 0);
	decoder_free(dec);
}

static void
state_that_is_damaged_anywhere_is_refused(void **unused)
{
	struct decoder *dec = new_decoder(NULL);
	struct decoder_loaded loaded;
	struct decoder_totals t;
	struct flowd_error err;

	(void)unused;
	save_two();
	for (size_t len = 0; len < state.len; len++)
		assert_true(decoder_load(dec,
				(struct bytes) { state.ptr, len }, NULL,
				&loaded, &err) < 0);
	for (size_t i = 0; i < state.len; i++) {
		state.ptr[i] ^= 1;
		assert_true(
		    decoder_load(dec, state_saved(), NULL, &loaded, &err) < 0);
		state.ptr[i] ^= 1;
	}
	decoder_totals(dec, &t);
	assert_int_equal(t.exporters, 0);
	state.ptr[9] = 2;
	assert_int_equal(decoder_load(dec, state_saved(), NULL, &loaded, &err),
	    FLOWD_EVERSION);
	assert_string_equal(err.text,
	    "a state of version 2; version 1 is known");
	decoder_free(dec);
}

static void
renew_checksum(void)
{
	store_be32(state.ptr + state.len - 4,
	    flowd_crc32(state.ptr, state.len - 4));
}

/* With a valid checksum, whatever the content. */
static void
state_is_not_trusted_for_its_checksum(void **unused)
{
	struct decoder_limits l = { .exporters = 3, .exporter_streams = 2 };
	uint32_t random = 5, good = 0;

	(void)unused;
	save_two();
	for (int i = 0; i < 20000; i++) {
		struct decoder *dec = NULL;
		struct decoder_loaded loaded;
		size_t at = 16 + (random >> 8) % (state.len - 20);
		uint8_t was = state.ptr[at];

		random = random * 1664525 + 1013904223;
		state.ptr[at] = (uint8_t)(random >> 24);
		renew_checksum();
		if (i % 16 == 0) {
			dec = new_decoder(&l);
			good += decoder_load(dec, state_saved(), NULL, &loaded,
			    NULL) == 0;
			send_v9_data(dec, 1, 12);
			decoder_free(dec);
		}
		state.ptr[at] = was;
	}
	assert_true(good > 100);
	assert_true(good < 1200);
}

/* An item of this type with these octets, after an exporter and a stream. */
static int
load_with(unsigned type, const void *item, size_t len, uint32_t *refused)
{
	struct decoder *dec = new_decoder(NULL);
	struct decoder_loaded loaded;
	uint8_t head[6];
	int result;

	save_two();
	store_be16(head, (uint16_t)type);
	store_be32(head + 2, (uint32_t)len);
	state.len -= 4;
	buf_append(&state, head, sizeof(head));
	buf_append(&state, item, len);
	store_be32(state.ptr + 12, (uint32_t)(state.len - 16));
	buf_append(&state, head, 4);
	renew_checksum();
	result = decoder_load(dec, state_saved(), NULL, &loaded, NULL);
	*refused = loaded.refused;
	decoder_free(dec);
	return result;
}

static void
state_template_goes_through_the_checks_of_the_wire(void **unused)
{
	/* options flag, time, then an IPFIX template */
	uint8_t item[] = { 0, 0, 0, 0, 0, 0, 0, 0, 9, 1, 44, 0, 1, 0, 8, 0, 4 };
	uint32_t refused;

	(void)unused;
	assert_int_equal(load_with(3, item, sizeof(item), &refused), 0);
	assert_int_equal(refused, 0);
	item[16] = 5;		/* an IPv4 address of 5 octets */
	assert_int_equal(load_with(3, item, sizeof(item), &refused), 0);
	assert_int_equal(refused, 1);
	item[16] = 0;		/* of none */
	assert_int_equal(load_with(3, item, sizeof(item), &refused), 0);
	assert_int_equal(refused, 1);
	item[9] = 0;		/* number 44 */
	assert_int_equal(load_with(3, item, sizeof(item), &refused), 0);
	assert_int_equal(refused, 1);
	item[12] = 2;		/* two fields, of which one is there */
	assert_int_equal(load_with(3, item, sizeof(item), &refused),
	    FLOWD_EFORMAT);
	item[12] = 1;
	item[0] = 1;		/* options, without room for a scope */
	assert_int_equal(load_with(3, item, sizeof(item), &refused),
	    FLOWD_EFORMAT);
}

/* The rate of a flow of sampler 5 after this item; 0: none. */
static uint32_t
rate_after(unsigned type, const void *item, size_t len)
{
	static const uint8_t set[] = { 1, 0, 0, 6, 6, 5 };
	uint8_t d[64];
	size_t n = v9_head(d, 12, 7);
	struct decoder *dec = new_decoder(NULL);
	struct decoder_loaded loaded;
	uint32_t rate, refused;

	assert_int_equal(load_with(type, item, len, &refused), 0);
	assert_int_equal(
	    decoder_load(dec, state_saved(), NULL, &loaded, NULL), 0);
	memcpy(d + n, set, sizeof(set));
	send_datagram(dec, 1, d, n + sizeof(set));
	assert_int_equal(batch->nrows, 1);
	rate = (uint32_t)batch_uint(batch, COL_sampling_interval, 0);
	decoder_free(dec);
	return rate;
}

static void
state_has_what_was_stated_of_scopes(void **unused)
{
	/* a rate, when it was stated, 2 in 100; of selector 5 */
	uint8_t item[] = { 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 2, 0, 0, 0, 100,
		1, 0, 0, 0, 0, 1, 46, 0, 0, 0, 0, 0, 0, 0, 5 };
	uint32_t refused;

	(void)unused;
	assert_int_equal(rate_after(8, item, sizeof(item)), 100);
	item[31] = 6;
	assert_int_equal(rate_after(8, item, sizeof(item)), 0);
	item[17] = 0;
	assert_int_equal(rate_after(8, item, 18), 100);
	assert_int_equal(load_with(8, item, 19, &refused), FLOWD_EFORMAT);
	item[17] = 1;
	assert_int_equal(load_with(8, item, 31, &refused), FLOWD_EFORMAT);
	item[17] = 5;		/* elements */
	assert_int_equal(load_with(8, item, 32, &refused), FLOWD_EFORMAT);
	item[17] = 0;
	item[11] = 1;		/* algorithm 256 */
	assert_int_equal(load_with(8, item, 18, &refused), FLOWD_EFORMAT);
	item[11] = 0;
	item[1] = 0x80;		/* before 1970 */
	assert_int_equal(load_with(8, item, 18, &refused), FLOWD_EFORMAT);
	item[1] = 0;
	item[0] = 2;		/* of a kind that there is not */
	assert_int_equal(load_with(8, item, 18, &refused), FLOWD_EFORMAT);
	item[0] = 1;		/* the start, past the end of time */
	item[9] = 0x80;
	assert_int_equal(load_with(8, item, 18, &refused), FLOWD_EFORMAT);
}

static void
state_from_before_there_were_scopes_is_taken(void **unused)
{
	static const uint8_t all[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7,
		1 };
	static const uint8_t none[14] = { 0 };
	static const uint8_t sampler[] = { 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 9,
		2 };

	(void)unused;
	assert_int_equal(rate_after(4, all, sizeof(all)), 7);
	assert_int_equal(rate_after(4, none, sizeof(none)), 0);
	assert_int_equal(rate_after(5, sampler, sizeof(sampler)), 9);
}

static void
state_passes_over_what_it_does_not_know(void **unused)
{
	uint32_t refused;

	(void)unused;
	assert_int_equal(load_with(77, "new", 3, &refused), 0);
	assert_int_equal(load_with(9, "\0\0", 2, &refused), FLOWD_EFORMAT);
	assert_int_equal(load_with(9, "\0\1\1", 3, &refused), FLOWD_EFORMAT);
	assert_int_equal(load_with(9, "\377\1\1x", 4, &refused),
	    FLOWD_EFORMAT);
	assert_int_equal(load_with(9, "\0\1\1x", 4, &refused), 0);
}

/* Whether a report has this text. */
static bool
reported(const struct decoder *dec, const char *text)
{
	struct buf out;
	bool there;

	buf_init(&out, 1 << 20);
	decoder_dump(dec, &out);
	buf_append_char(&out, '\0');
	assert_true(buf_ok(&out));
	there = strstr((char *)out.ptr, text) != NULL;
	buf_fini(&out);
	return there;
}

/* A name of interface 3, from this port in domain 7. */
static void
send_v9_name(struct decoder *dec, uint16_t port, const char name[4])
{
	static const uint8_t sets[] = {
		0, 1, 0, 18, 1, 3, 0, 4, 0, 4, 0, 2, 0, 4, 0, 82, 0, 4,
		1, 3, 0, 12, 0, 0, 0, 3,
	};
	uint8_t d[64];
	size_t n = v9_head(d, 5, 7);

	memcpy(d + n, sets, sizeof(sets));
	n += sizeof(sets);
	memcpy(d + n, name, 4);
	decoder_begin(dec, &(struct datagram) { .payload = { d, n + 4 },
	    .src = addr_from_v4(1), .port = port, .recv_ns = now_ns });
	assert_false(decoder_next(dec, batch));
}

#define NAMED(port, name) \
	"{\"version\":9,\"port\":" #port ",\"kind\":\"interface\"," \
	"\"key\":\"03\",\"name\":\"" name "\"}"

static void
state_keeps_the_names_of_each_port(void **unused)
{
	struct decoder *dec = new_decoder(NULL);
	struct decoder_loaded loaded;

	(void)unused;
	send_v9_name(dec, 31000, "wan0");
	send_v9_name(dec, 31001, "lan0");
	buf_reset(&state);
	decoder_save(dec, &state);
	decoder_free(dec);
	dec = new_decoder(NULL);
	send_v9_name(dec, 31001, "dmz0");
	assert_int_equal(
	    decoder_load(dec, state_saved(), NULL, &loaded, NULL), 0);
	assert_int_equal(loaded.names, 1);
	assert_true(reported(dec, "\"names\":[],\"port_names\":[" NAMED(
	    31000, "wan0") "," NAMED(31001, "dmz0") "]"));
	decoder_free(dec);
}

/* It did not tell which of several exporters had announced it. */
static void
state_with_names_of_the_exporter_is_taken_without_them(void **unused)
{
	struct decoder *dec = new_decoder(NULL);
	struct decoder_loaded loaded;
	uint32_t refused;

	(void)unused;
	assert_int_equal(load_with(6, "\0\1\5old", 6, &refused), 0);
	assert_int_equal(
	    decoder_load(dec, state_saved(), NULL, &loaded, NULL), 0);
	assert_int_equal(loaded.names, 1);
	assert_false(reported(dec, "\"old\""));
	assert_true(reported(dec, "\"eth3\""));
	decoder_free(dec);
}

/* The last exporter has no stream yet. */
static void
state_name_without_a_stream_is_an_error(void **unused)
{
	static const uint8_t exporter[] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,
		0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 4, 0, 0, 0, 0, 1,
		2, 3, 4, /* an item */ 0, 9, 0, 0, 0, 4, 0, 1, 5, 'x' };
	uint8_t items[6 + sizeof(exporter)] = { 0, 1, 0, 0, 0, 36 };
	uint8_t head[16] = "FLOWSTAT\0\1", tail[4];
	struct decoder *dec = new_decoder(NULL);
	struct decoder_loaded loaded;

	(void)unused;
	memcpy(items + 6, exporter, sizeof(exporter));
	store_be32(head + 12, sizeof(items));
	buf_reset(&state);
	buf_append(&state, head, sizeof(head));
	buf_append(&state, items, sizeof(items));
	store_be32(tail, flowd_crc32(state.ptr, state.len));
	buf_append(&state, tail, sizeof(tail));
	assert_int_equal(decoder_load(dec, state_saved(), NULL, &loaded, NULL),
	    FLOWD_EFORMAT);
	assert_int_equal(loaded.exporters, 1);
	decoder_free(dec);
}

static void
state_changes_with_what_would_be_saved(void **unused)
{
	struct decoder *dec = new_decoder(NULL);
	uint64_t before = decoder_generation(dec);

	(void)unused;
	send_v9_templates(dec, 1, 10);
	assert_int_not_equal(decoder_generation(dec), before);
	before = decoder_generation(dec);
	/* Sent again, and data: nothing new. */
	send_v9_templates(dec, 1, 11);
	send_v9_data(dec, 1, 12);
	assert_int_equal(decoder_generation(dec), before);
	send_ipfix_template(dec, 2);
	assert_int_not_equal(decoder_generation(dec), before);
	decoder_free(dec);
}

static void
state_that_does_not_fit_is_said_so(void **unused)
{
	struct decoder *dec = new_decoder(NULL);
	struct buf little;

	(void)unused;
	send_v9_templates(dec, 1, 10);
	buf_init(&little, 40);
	decoder_save(dec, &little);
	assert_false(buf_ok(&little));
	buf_fini(&little);
	decoder_free(dec);
}

/* The states of three decoders, concatenated; the second is empty. */
static struct buf states;
static size_t ends[3];

static void
save_behind(struct decoder *dec)
{
	decoder_save(dec, &states);
	assert_true(buf_ok(&states));
	decoder_free(dec);
}

static void
save_three(void)
{
	struct decoder *dec = new_decoder(NULL);

	buf_init(&states, 1 << 20);
	send_v9_templates(dec, 1, 10);
	save_behind(dec);
	ends[0] = states.len;
	save_behind(new_decoder(NULL));
	ends[1] = states.len;
	dec = new_decoder(NULL);
	send_ipfix_template(dec, 2);
	save_behind(dec);
	ends[2] = states.len;
}

/* Of the first len octets: a bit for each state that loads. */
static unsigned
load_states(size_t len, uint32_t *exporters)
{
	struct bytes rest = { states.ptr, len }, one;
	struct decoder *dec = new_decoder(NULL);
	struct decoder_loaded loaded;
	struct decoder_totals totals;
	const uint8_t *at = rest.ptr;
	unsigned good = 0;

	for (unsigned n = 0; (one = decoder_state_next(&rest)).len > 0; n++) {
		/* Nothing is left out or repeated. */
		assert_ptr_equal(one.ptr, at);
		at += one.len;
		assert_ptr_equal(rest.ptr, at);
		assert_int_equal(rest.len, states.ptr + len - at);
		if (decoder_load(dec, one, NULL, &loaded, NULL) == 0)
			good |= 1u << n;
	}
	assert_ptr_equal(at, states.ptr + len);
	decoder_totals(dec, &totals);
	*exporters = totals.exporters;
	decoder_free(dec);
	return good;
}

static void
states_one_behind_the_other_are_taken_by_their_lengths(void **unused)
{
	struct bytes rest, one;
	uint32_t exporters;

	(void)unused;
	save_three();
	rest = (struct bytes) { states.ptr, states.len };
	for (size_t i = 0; i < 3; i++) {
		one = decoder_state_next(&rest);
		assert_ptr_equal(one.ptr + one.len, states.ptr + ends[i]);
	}
	assert_int_equal(decoder_state_next(&rest).len, 0);
	assert_int_equal(load_states(states.len, &exporters), 7);
	assert_int_equal(exporters, 2);
	buf_fini(&states);
}

static void
states_in_front_of_one_that_is_cut_are_whole(void **unused)
{
	uint32_t exporters;

	(void)unused;
	save_three();
	for (size_t len = 0; len < states.len; len++) {
		unsigned whole = len < ends[0] ? 0 : len < ends[1] ? 1 : 3;

		assert_int_equal(load_states(len, &exporters), whole);
		assert_int_equal(exporters, whole != 0);
	}
	buf_fini(&states);
}

/* If its length is damaged, the start of the next one is unknown. */
static void
states_beside_one_that_is_damaged_are_whole(void **unused)
{
	uint32_t exporters;

	(void)unused;
	save_three();
	for (size_t i = 0; i < states.len * 8; i++) {
		size_t at = i / 8, n = at < ends[0] ? 0 : at < ends[1] ? 1 : 2;
		size_t begin = n == 0 ? 0 : ends[n - 1];
		unsigned want = 7u & ~(1u << n);

		if (at - begin >= 12 && at - begin < 16)
			want = (1u << n) - 1;
		states.ptr[at] ^= (uint8_t)(1 << i % 8);
		assert_int_equal(load_states(states.len, &exporters) & 7u,
		    want);
		assert_int_equal(exporters, (want & 1) + (want >> 2));
		states.ptr[at] ^= (uint8_t)(1 << i % 8);
	}
	assert_int_equal(load_states(states.len, &exporters), 7);
	buf_fini(&states);
}

static void
states_without_octets_are_none(void **unused)
{
	static const uint8_t short_of[16] = { 0 };
	struct bytes rest = { NULL, 0 };

	(void)unused;
	assert_int_equal(decoder_state_next(&rest).len, 0);
	assert_int_equal(rest.len, 0);
	/* Without a length it is taken whole. */
	for (size_t len = 1; len < sizeof(short_of); len++) {
		rest = (struct bytes) { short_of, len };
		assert_int_equal(decoder_state_next(&rest).len, len);
		assert_int_equal(decoder_state_next(&rest).len, 0);
	}
}

static void
states_of_length_zero_are_heads_alone(void **unused)
{
	/* Zeros: the length is 0, so each is a head and a checksum. */
	static const uint8_t zeroes[3 * 20 + 7] = { 0 };
	struct bytes rest = { zeroes, sizeof(zeroes) };
	struct decoder *dec = new_decoder(NULL);
	struct decoder_loaded loaded;

	(void)unused;
	for (int i = 0; i < 3; i++) {
		struct bytes one = decoder_state_next(&rest);

		assert_int_equal(one.len, 20);
		assert_int_equal(decoder_load(dec, one, NULL, &loaded, NULL),
		    FLOWD_EFORMAT);
	}
	assert_int_equal(decoder_state_next(&rest).len, 7);
	assert_int_equal(decoder_state_next(&rest).len, 0);
	decoder_free(dec);
}

static void
state_with_the_largest_length_ends_with_the_octets(void **unused)
{
	uint8_t octets[64] = { 0 };
	struct bytes rest = { octets, sizeof(octets) };

	(void)unused;
	memset(octets + 12, 0xff, 4);
	assert_int_equal(decoder_state_next(&rest).len, sizeof(octets));
	assert_int_equal(rest.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    state_brings_back_templates_sampling_names_and_sequence),
		cmocka_unit_test(state_keeps_what_came_since),
		cmocka_unit_test(state_takes_the_exporters_that_are_wanted),
		cmocka_unit_test(state_that_is_damaged_anywhere_is_refused),
		cmocka_unit_test(state_is_not_trusted_for_its_checksum),
		cmocka_unit_test(
		    state_template_goes_through_the_checks_of_the_wire),
		cmocka_unit_test(state_has_what_was_stated_of_scopes),
		cmocka_unit_test(state_from_before_there_were_scopes_is_taken),
		cmocka_unit_test(state_passes_over_what_it_does_not_know),
		cmocka_unit_test(state_keeps_the_names_of_each_port),
		cmocka_unit_test(
		    state_with_names_of_the_exporter_is_taken_without_them),
		cmocka_unit_test(state_name_without_a_stream_is_an_error),
		cmocka_unit_test(state_changes_with_what_would_be_saved),
		cmocka_unit_test(state_that_does_not_fit_is_said_so),
		cmocka_unit_test(
		    states_one_behind_the_other_are_taken_by_their_lengths),
		cmocka_unit_test(states_in_front_of_one_that_is_cut_are_whole),
		cmocka_unit_test(states_beside_one_that_is_damaged_are_whole),
		cmocka_unit_test(states_without_octets_are_none),
		cmocka_unit_test(states_of_length_zero_are_heads_alone),
		cmocka_unit_test(
		    state_with_the_largest_length_ends_with_the_octets),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
