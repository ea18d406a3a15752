/*
 * Version 3 flow logs: every octet of a record, what readers must refuse, and
 * runs of records against records one by one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "crc32.h"
#include "sample.h"
#include "v3.h"

enum { ROUNDS = 2000, ROWS = 256 };

/* clang-format off */
/* sample_flow(), made by another encoder: v3_record() of flowdtest.py. */
static const uint8_t sample_record[] = {
	0x60, 0x28, 0x00, 0x00, 0x40, 0x07, 0xfd, 0x57,	/* head */
	0x01, 0x02, 0x03, 0x04,				/* TAG */
	0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18,	/* RECV_TIME */
	0x21, 0x22, 0x23, 0x00,				/* PROTO_FLAGS_TOS */
	0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48,	/* AGENT_ADDR6 */
	0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f, 0x50,
	0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68,	/* SRC_ADDR6 */
	0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x70,
	0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88,	/* DST_ADDR6 */
	0x89, 0x8a, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0x90,
	0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8,	/* GATEWAY_ADDR6 */
	0xa9, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf, 0xb0,
	0xb1, 0xb2, 0xb3, 0xb4,				/* SRCDST_PORT */
	0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8,	/* PACKETS */
	0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8,	/* OCTETS */
	0xe1, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8,	/* IF_INDICES */
	0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8,	/* AGENT_INFO */
	0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0x00, 0x00,
	0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,	/* FLOW_TIMES */
	0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18,	/* AS_INFO */
	0x19, 0x1a, 0x00, 0x00,
	0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28,	/* FLOW_ENGINE_INFO */
	0x29, 0x2a, 0x2b, 0x2c,
	0x57, 0x0a, 0xe5, 0xf2,				/* CRC32 */
};

/* The example of flowd-log(5). */
static const uint8_t small_record[] = {
	0x60, 0x0c, 0x00, 0x00, 0x40, 0x00, 0x38, 0xae,	/* head */
	0x65, 0x53, 0xf1, 0x00, 0x00, 0x03, 0xd0, 0x90,	/* RECV_TIME */
	0x1b, 0x06, 0x00, 0x00,				/* PROTO_FLAGS_TOS */
	0xc0, 0x00, 0x02, 0x01,				/* AGENT_ADDR4 */
	0x0a, 0x01, 0x02, 0x03,				/* SRC_ADDR4 */
	0xc6, 0x33, 0x64, 0x09,				/* DST_ADDR4 */
	0x9c, 0x40, 0x01, 0xbb,				/* SRCDST_PORT */
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0c,	/* PACKETS */
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0d, 0x80,	/* OCTETS */
	0x57, 0x8a, 0xb8, 0x68,				/* CRC32 */
};
/* clang-format on */

static struct bytes
bytes_of(const uint8_t *p, size_t len)
{
	return (struct bytes){ p, len };
}

/*
 * A record of the given head with a right checksum at its end, when fields
 * has one: over the head and its first known octets.
 */
static struct bytes
record_of(
    uint8_t *rec, uint8_t version, size_t body, uint32_t fields, size_t known)
{
	memset(rec, 0, V3_RECORD_MAX);
	rec[0] = version;
	rec[1] = (uint8_t)(body / 4);
	store_be32(rec + 4, fields);
	if (fields & CLASSIC_CRC32)
		store_be32(rec + V3_HEAD + body - 4,
		    flowd_crc32(rec, V3_HEAD + known));
	return bytes_of(rec, V3_HEAD + body);
}

static int
v3_result(struct bytes in)
{
	struct flowd_error err;
	struct classic c;
	int got = v3_decode(in, &c, &err);

	if (got < 0 && got != FLOWD_EOF)
		assert_true(strlen(err.text) > 10);
	return got;
}

static void
v3_encodes_every_member_at_its_place(void **unused)
{
	struct classic c = sample_flow();
	uint8_t out[V3_RECORD_MAX];

	(void)unused;
	assert_int_equal(
	    v3_encode(&c, CLASSIC_ALL, out), sizeof(sample_record));
	assert_memory_equal(out, sample_record, sizeof(sample_record));
}

static void
v3_decodes_every_member_from_its_place(void **unused)
{
	uint8_t out[V3_RECORD_MAX];
	struct classic c;

	(void)unused;
	memset(&c, 0xee, sizeof(c));
	assert_int_equal(
	    v3_decode(bytes_of(sample_record, sizeof(sample_record)), &c, NULL),
	    sizeof(sample_record));
	assert_int_equal(c.crc32, 0x570ae5f2);
	assert_int_equal(c.engine_type, 0x2122);
	assert_int_equal(c.dst_mask, 0x1a);
	assert_int_equal(c.gateway.v6.lo, UINT64_C(0xa9aaabacadaeafb0));
	assert_int_equal(c.tos, 0x23);
	assert_int_equal(c.src.scope, 0);
	(void)v3_encode(&c, CLASSIC_ALL, out);
	assert_memory_equal(out, sample_record, sizeof(sample_record));
}

static void
v3_decodes_the_example_of_the_manual(void **unused)
{
	struct classic c;

	(void)unused;
	assert_int_equal(
	    v3_decode(bytes_of(small_record, sizeof(small_record)), &c, NULL),
	    sizeof(small_record));
	assert_int_equal(c.fields, 0x400038ae);
	assert_int_equal(c.recv_usec, 250000);
	assert_int_equal(c.agent.v4, 0xc0000201);
	assert_int_equal(c.src.family, ADDR_V4);
	assert_int_equal(c.gateway.family, ADDR_NONE);
	assert_int_equal(c.src_port, 40000);
	assert_int_equal(c.octets, 3456);
}

static void
v3_encodes_wanted_fields_only(void **unused)
{
	struct classic c = sample_flow();
	uint8_t out[V3_RECORD_MAX];

	(void)unused;
	assert_int_equal(
	    v3_encode(&c, CLASSIC_OCTETS | CLASSIC_TAG, out), V3_HEAD + 12);
	assert_int_equal(load_be32(out + 4), CLASSIC_OCTETS | CLASSIC_TAG);
	assert_int_equal(load_be32(out + 8), c.tag);
	assert_int_equal(v3_encode(&c, 0, out), V3_HEAD);
	assert_int_equal(load_be32(out + 4), 0);
}

static void
v3_leaves_out_an_address_of_the_family_that_is_not_wanted(void **unused)
{
	struct classic c = sample_flow();
	uint8_t out[V3_RECORD_MAX];

	(void)unused;
	assert_int_equal(
	    v3_encode(&c, ALL_ADDR4 | CLASSIC_TAG, out), V3_HEAD + 4);
	assert_int_equal(load_be32(out + 4), CLASSIC_TAG);
}

static void
v3_reads_back_what_it_wrote_for_any_fields(void **unused)
{
	uint8_t out[V3_RECORD_MAX], again[V3_RECORD_MAX];
	struct random rng = { 1 };

	(void)unused;
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint32_t fields = sample_random_fields(&rng);
		struct classic c = sample_random_flow(&rng, fields), back;
		size_t len = v3_encode(&c, CLASSIC_ALL, out);

		assert_int_equal(
		    v3_decode(bytes_of(out, len), &back, NULL), len);
		assert_int_equal(back.fields, fields);
		assert_int_equal(v3_encode(&back, CLASSIC_ALL, again), len);
		assert_memory_equal(out, again, len);
	}
}

static void
v3_waits_for_the_rest_of_a_cut_record(void **unused)
{
	(void)unused;
	for (size_t len = 0; len < sizeof(sample_record); len++) {
		uint8_t *exact = malloc(len + 1);

		assert_non_null(exact);
		memcpy(exact, sample_record, len);
		assert_int_equal(v3_result(bytes_of(exact, len)), FLOWD_EOF);
		free(exact);
	}
}

static void
v3_refuses_another_version(void **unused)
{
	uint8_t rec[V3_RECORD_MAX];

	(void)unused;
	for (unsigned major = 0; major < 8; major++)
		assert_int_equal(v3_result(record_of(rec, (uint8_t)(major << 5),
				     4, CLASSIC_TAG, 4)),
		    major == 3 ? V3_HEAD + 4 : FLOWD_EVERSION);
}

static void
v3_refuses_unknown_fields_of_its_own_version(void **unused)
{
	uint8_t rec[V3_RECORD_MAX];

	(void)unused;
	for (unsigned bit = 19; bit < 32; bit++)
		if (bit != 30)
			assert_int_equal(v3_result(record_of(rec, 0x60, 16,
					     UINT32_C(1) << bit, 0)),
			    FLOWD_EFORMAT);
}

static void
v3_passes_over_unknown_fields_of_a_newer_minor_version(void **unused)
{
	const uint32_t more = UINT32_C(1) << 19;
	uint8_t rec[V3_RECORD_MAX];

	(void)unused;
	assert_int_equal(
	    v3_result(record_of(rec, 0x61, 12, CLASSIC_TAG | more, 4)),
	    V3_HEAD + 12);
	/* The checksum stands behind them and does not cover them. */
	assert_int_equal(v3_result(record_of(rec, 0x61, 16,
			     CLASSIC_TAG | CLASSIC_CRC32 | more, 4)),
	    V3_HEAD + 16);
	rec[V3_HEAD + 4] ^= 1;
	assert_int_equal(v3_result(bytes_of(rec, V3_HEAD + 16)), V3_HEAD + 16);
	rec[V3_HEAD] ^= 1;
	assert_int_equal(
	    v3_result(bytes_of(rec, V3_HEAD + 16)), FLOWD_ECHECKSUM);
}

static void
v3_refuses_unknown_fields_without_room_for_the_checksum(void **unused)
{
	const uint32_t more = UINT32_C(1) << 19;
	uint8_t rec[V3_RECORD_MAX] = { 0x61, 0 };

	(void)unused;
	for (uint8_t words = 0; words < 3; words++) {
		rec[1] = words;
		store_be32(rec + 4, CLASSIC_PACKETS | CLASSIC_CRC32 | more);
		assert_int_equal(v3_result(bytes_of(rec, V3_HEAD + words * 4u)),
		    FLOWD_EFORMAT);
	}
}

static void
v3_refuses_both_families_in_one_place(void **unused)
{
	static const uint32_t places[] = { CLASSIC_AGENT_ADDR, CLASSIC_SRC_ADDR,
		CLASSIC_DST_ADDR, CLASSIC_GATEWAY_ADDR };
	uint8_t rec[V3_RECORD_MAX];

	(void)unused;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(
		    v3_result(record_of(rec, 0x60, 20, places[i], 20)),
		    FLOWD_EFORMAT);
}

static void
v3_refuses_a_body_shorter_than_its_fields(void **unused)
{
	(void)unused;
	for (uint8_t words = 0; words < sample_record[1]; words++) {
		size_t len = V3_HEAD + words * 4u;
		uint8_t *exact = malloc(len);

		assert_non_null(exact);
		memcpy(exact, sample_record, len);
		exact[1] = words;
		assert_int_equal(
		    v3_result(bytes_of(exact, len)), FLOWD_EFORMAT);
		free(exact);
	}
}

static void
v3_passes_over_octets_behind_the_fields(void **unused)
{
	uint8_t rec[V3_RECORD_MAX];

	(void)unused;
	assert_int_equal(
	    v3_result(record_of(rec, 0x60, V3_BODY_MAX, CLASSIC_TAG, 4)),
	    V3_RECORD_MAX);
}

static void
v3_refuses_a_body_past_the_maximum(void **unused)
{
	uint8_t rec[V3_HEAD + 127 * 4] = { 0x60, 127 };

	(void)unused;
	assert_int_equal(v3_result(bytes_of(rec, sizeof(rec))), FLOWD_EFORMAT);
	/* It need not be there to be refused. */
	assert_int_equal(v3_result(bytes_of(rec, V3_HEAD)), FLOWD_EFORMAT);
}

static void
v3_refuses_any_octet_that_was_changed(void **unused)
{
	uint8_t rec[sizeof(sample_record)];

	(void)unused;
	for (size_t i = V3_HEAD; i < sizeof(rec); i++) {
		memcpy(rec, sample_record, sizeof(rec));
		rec[i] ^= 0x10;
		assert_int_equal(
		    v3_result(bytes_of(rec, sizeof(rec))), FLOWD_ECHECKSUM);
	}
}

static void
v3_takes_records_without_fields(void **unused)
{
	uint8_t rec[V3_RECORD_MAX];

	(void)unused;
	assert_int_equal(v3_result(record_of(rec, 0x60, 0, 0, 0)), V3_HEAD);
}

/* A log of n random flows; one in change has other fields than the last. */
static struct buf
random_log(struct random *r, size_t n, uint32_t change)
{
	uint32_t fields = sample_random_fields(r);
	struct buf log;

	buf_init(&log, 1024 * 1024);
	for (size_t i = 0; i < n; i++) {
		struct classic c;

		if (random_below(r, change) == 0)
			fields = sample_random_fields(r);
		c = sample_random_flow(r, fields);
		log.len +=
		    v3_encode(&c, CLASSIC_ALL, buf_room(&log, V3_RECORD_MAX));
	}
	assert_true(buf_ok(&log));
	return log;
}

static void
v3_reads_runs_as_it_decodes_records(void **unused)
{
	static const uint32_t changes[] = { 1, 2, 7, 100 };
	struct batch *batch = batch_new(ROWS);
	struct random rng = { 2 };
	uint8_t rec[V3_RECORD_MAX];

	(void)unused;
	assert_non_null(batch);
	for (unsigned i = 0; i < 40; i++) {
		struct buf log = random_log(&rng, ROWS, changes[i % 4]);
		size_t used, at = 0;
		struct classic c;

		batch_reset(batch);
		assert_int_equal(
		    v3_read(bytes_of(log.ptr, log.len), batch, &used, NULL),
		    ROWS);
		assert_int_equal(used, log.len);
		for (size_t row = 0; row < ROWS; row++) {
			size_t len;

			classic_load(batch, row, &c);
			len = v3_encode(&c, CLASSIC_ALL, rec);
			assert_true(len <= log.len - at);
			assert_memory_equal(rec, log.ptr + at, len);
			at += len;
		}
		assert_int_equal(at, log.len);
		buf_fini(&log);
	}
	batch_free(batch);
}

static void
v3_writes_a_log_again_as_it_was(void **unused)
{
	struct batch *batch = batch_new(ROWS);
	struct random rng = { 3 };
	uint64_t unstorable = 0;
	struct buf log = random_log(&rng, ROWS, 2), again;
	size_t used;

	(void)unused;
	buf_init(&again, 1024 * 1024);
	assert_int_equal(
	    v3_read(bytes_of(log.ptr, log.len), batch, &used, NULL), ROWS);
	assert_int_equal(
	    v3_write(batch, CLASSIC_ALL, &again, &unstorable), ROWS);
	assert_int_equal(unstorable, 0);
	assert_int_equal(again.len, log.len);
	assert_memory_equal(again.ptr, log.ptr, log.len);
	buf_fini(&again);
	buf_fini(&log);
	batch_free(batch);
}

static void
v3_reads_until_the_batch_is_full(void **unused)
{
	struct batch *batch = batch_new(64);
	struct random rng = { 4 };
	struct buf log = random_log(&rng, 100, 5);
	size_t used, more;

	(void)unused;
	assert_int_equal(
	    v3_read(bytes_of(log.ptr, log.len), batch, &used, NULL), 64);
	assert_int_equal(
	    v3_read(bytes_of(log.ptr, log.len), batch, &more, NULL), 0);
	assert_int_equal(more, 0);
	batch_reset(batch);
	assert_int_equal(v3_read(bytes_of(log.ptr + used, log.len - used),
			     batch, &more, NULL),
	    36);
	assert_int_equal(used + more, log.len);
	buf_fini(&log);
	batch_free(batch);
}

static void
v3_reads_up_to_a_bad_record_and_then_says_why(void **unused)
{
	uint8_t log[2 * sizeof(small_record)];
	struct batch *batch = batch_new(64);
	struct flowd_error err;
	size_t used;

	(void)unused;
	memcpy(log, small_record, sizeof(small_record));
	memcpy(log + sizeof(small_record), small_record, sizeof(small_record));
	log[sizeof(log) - 1] ^= 1;
	assert_int_equal(
	    v3_read(bytes_of(log, sizeof(log)), batch, &used, &err), 1);
	assert_int_equal(used, sizeof(small_record));
	assert_int_equal(v3_read(bytes_of(log + used, sizeof(log) - used),
			     batch, &used, &err),
	    FLOWD_ECHECKSUM);
	assert_int_equal(used, 0);
	batch_free(batch);
}

/* A row as a decoder makes it. */
static size_t
decoded_row(struct batch *batch, const struct addr *src, const struct addr *dst)
{
	size_t row = batch_append(batch, 1);

	batch_set_addr(batch, COL_src_addr, row, src);
	batch_set_addr(batch, COL_dst_addr, row, dst);
	batch_set_uint(batch, COL_octets, row, row);
	return row;
}

static void
v3_counts_decoded_flows_that_it_cannot_hold(void **unused)
{
	const struct addr v4 = addr_from_v4(1), v6 = sample_addr6(1);
	const struct addr none = { .family = ADDR_NONE };
	struct batch *batch = batch_new(64);
	uint64_t unstorable = 0;
	struct buf out;

	(void)unused;
	buf_init(&out, 4096);
	(void)decoded_row(batch, &v4, &v4);
	(void)decoded_row(batch, &v4, &none);
	(void)decoded_row(batch, &none, &v6);
	(void)decoded_row(batch, &v4, &v6);
	(void)decoded_row(batch, &none, &none);
	assert_int_equal(v3_write(batch, CLASSIC_ALL, &out, &unstorable), 2);
	assert_int_equal(unstorable, 3);
	buf_fini(&out);
	batch_free(batch);
}

static void
v3_gives_decoded_flows_a_checksum(void **unused)
{
	const struct addr v4 = addr_from_v4(1);
	struct batch *batch = batch_new(64);
	uint64_t unstorable = 0;
	struct classic c;
	struct buf out;

	(void)unused;
	buf_init(&out, 4096);
	(void)decoded_row(batch, &v4, &v4);
	assert_int_equal(v3_write(batch, CLASSIC_ALL, &out, &unstorable), 1);
	assert_int_equal(
	    v3_decode(bytes_of(out.ptr, out.len), &c, NULL), out.len);
	assert_true(c.fields & CLASSIC_CRC32);
	buf_fini(&out);
	batch_free(batch);
}

/* Into a buffer that is new. */
static void
v3_writes_rows_behind_many_that_are_not_selected(void **unused)
{
	const struct addr v4 = addr_from_v4(1);
	struct batch *batch = batch_new(192);
	uint64_t unstorable = 0;
	struct buf out;

	(void)unused;
	buf_init(&out, 4096 + 64 * V3_RECORD_MAX);
	for (unsigned i = 0; i < 150; i++)
		(void)decoded_row(batch, &v4, &v4);
	bitmap_clear_range(batch->selected, 0, 100);
	bitmap_clear_range(batch->selected, 101, 49);
	assert_int_equal(v3_write(batch, CLASSIC_OCTETS, &out, &unstorable), 1);
	assert_int_equal(unstorable, 0);
	bitmap_clear(batch->selected, 100);
	assert_int_equal(v3_write(batch, CLASSIC_OCTETS, &out, &unstorable), 0);
	buf_fini(&out);
	batch_free(batch);
}

static void
v3_writes_selected_rows_only(void **unused)
{
	const struct addr v4 = addr_from_v4(1);
	struct batch *batch = batch_new(64);
	uint64_t unstorable = 0;
	struct classic c;
	struct buf out;

	(void)unused;
	buf_init(&out, 4096);
	for (unsigned i = 0; i < 5; i++)
		(void)decoded_row(batch, &v4, &v4);
	bitmap_clear_range(batch->selected, 0, 3);
	bitmap_clear(batch->selected, 4);
	assert_int_equal(v3_write(batch, CLASSIC_OCTETS, &out, &unstorable), 1);
	(void)v3_decode(bytes_of(out.ptr, out.len), &c, NULL);
	assert_int_equal(c.octets, 3);
	buf_fini(&out);
	batch_free(batch);
}

static void
v3_writes_all_or_nothing(void **unused)
{
	const struct addr v4 = addr_from_v4(1);
	struct batch *batch = batch_new(64);
	uint64_t unstorable = 0;
	struct buf out;

	(void)unused;
	buf_init(&out, V3_RECORD_MAX + 10);
	buf_append(&out, "before", 6);
	(void)decoded_row(batch, &v4, &v4);
	(void)decoded_row(batch, &v4, &v4);
	assert_int_equal(
	    v3_write(batch, CLASSIC_ALL, &out, &unstorable), FLOWD_ENOMEM);
	assert_int_equal(out.len, 6);
	assert_memory_equal(out.ptr, "before", 6);
	buf_fini(&out);
	batch_free(batch);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v3_encodes_every_member_at_its_place),
		cmocka_unit_test(v3_decodes_every_member_from_its_place),
		cmocka_unit_test(v3_decodes_the_example_of_the_manual),
		cmocka_unit_test(v3_encodes_wanted_fields_only),
		cmocka_unit_test(
		    v3_leaves_out_an_address_of_the_family_that_is_not_wanted),
		cmocka_unit_test(v3_reads_back_what_it_wrote_for_any_fields),
		cmocka_unit_test(v3_waits_for_the_rest_of_a_cut_record),
		cmocka_unit_test(v3_refuses_another_version),
		cmocka_unit_test(v3_refuses_unknown_fields_of_its_own_version),
		cmocka_unit_test(
		    v3_passes_over_unknown_fields_of_a_newer_minor_version),
		cmocka_unit_test(
		    v3_refuses_unknown_fields_without_room_for_the_checksum),
		cmocka_unit_test(v3_refuses_both_families_in_one_place),
		cmocka_unit_test(v3_refuses_a_body_shorter_than_its_fields),
		cmocka_unit_test(v3_passes_over_octets_behind_the_fields),
		cmocka_unit_test(v3_refuses_a_body_past_the_maximum),
		cmocka_unit_test(v3_refuses_any_octet_that_was_changed),
		cmocka_unit_test(v3_takes_records_without_fields),
		cmocka_unit_test(v3_reads_runs_as_it_decodes_records),
		cmocka_unit_test(v3_writes_a_log_again_as_it_was),
		cmocka_unit_test(v3_reads_until_the_batch_is_full),
		cmocka_unit_test(v3_reads_up_to_a_bad_record_and_then_says_why),
		cmocka_unit_test(v3_counts_decoded_flows_that_it_cannot_hold),
		cmocka_unit_test(v3_gives_decoded_flows_a_checksum),
		cmocka_unit_test(
		    v3_writes_rows_behind_many_that_are_not_selected),
		cmocka_unit_test(v3_writes_selected_rows_only),
		cmocka_unit_test(v3_writes_all_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
