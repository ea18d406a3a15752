/*
 * Version 2 flow logs: the head of a file, the octets of a record, what is
 * refused, and that narrower members come out as in version 3.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "crc32.h"
#include "sample.h"
#include "v2.h"
#include "v3.h"

/* clang-format off */
static const uint8_t head[] = {
	0x01, 0x2c, 0xf0, 0x47, 0x00, 0x00, 0x00, 0x02,
	0x41, 0x90, 0xab, 0x00, 0x00, 0x00, 0x00, 0x00,
};

static const uint8_t record[] = {
	0x40, 0x07, 0xfc, 0xaf,				/* fields */
	0x00, 0x00, 0x00, 0x07,				/* TAG */
	0x41, 0x90, 0xab, 0x00,				/* RECV_TIME */
	0x12, 0x06, 0x10, 0x00,				/* PROTO_FLAGS_TOS */
	0xc0, 0x00, 0x02, 0x01,				/* AGENT_ADDR4 */
	0x0a, 0x01, 0x02, 0x03,				/* SRC_ADDR4 */
	0xc6, 0x33, 0x64, 0x09,				/* DST_ADDR4 */
	0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00,	/* GATEWAY_ADDR6 */
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01,
	0x9c, 0x40, 0x01, 0xbb,				/* SRCDST_PORT */
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0c,	/* PACKETS */
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0d, 0x80,	/* OCTETS */
	0x00, 0x03, 0xff, 0xff,				/* IF_INDICES */
	0x00, 0x36, 0xee, 0x80, 0x41, 0x90, 0xab, 0x00,	/* AGENT_INFO */
	0x00, 0x00, 0x00, 0x05, 0x00, 0x05, 0x00, 0x00,
	0x00, 0x36, 0xc7, 0x70, 0x00, 0x36, 0xea, 0x98,	/* FLOW_TIMES */
	0xfc, 0x00, 0xfd, 0xe8, 0x18, 0x10, 0x00, 0x00,	/* AS_INFO */
	0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x4d,	/* FLOW_ENGINE_INFO */
	0x43, 0x7a, 0xc5, 0xb6,				/* CRC32 */
};
/* clang-format on */

static struct bytes
bytes_of(const uint8_t *p, size_t len)
{
	return (struct bytes){ p, len };
}

static int
check_head(const uint8_t *p, size_t len)
{
	struct flowd_error err;
	uint32_t start;
	int bad = v2_check_head(bytes_of(p, len), &start, &err);

	assert_true(bad == 0 || strlen(err.text) > 10);
	return bad;
}

static int
v2_result(struct bytes in)
{
	struct flowd_error err;
	struct classic c;

	return v2_decode(in, &c, &err);
}

static void
v2_reads_when_a_file_was_begun(void **unused)
{
	uint32_t start = 0;

	(void)unused;
	assert_int_equal(
	    v2_check_head(bytes_of(head, sizeof(head)), &start, NULL), 0);
	assert_int_equal(start, 1100000000);
}

static void
v2_refuses_a_head_that_is_cut(void **unused)
{
	(void)unused;
	for (size_t len = 0; len < sizeof(head); len++)
		assert_int_equal(check_head(head, len), FLOWD_EOF);
}

static void
v2_refuses_another_magic_or_version(void **unused)
{
	uint8_t other[sizeof(head)];

	(void)unused;
	memcpy(other, head, sizeof(head));
	other[7] = 3;
	assert_int_equal(check_head(other, sizeof(other)), FLOWD_EVERSION);
	other[3] ^= 1;
	assert_int_equal(check_head(other, sizeof(other)), FLOWD_EFORMAT);
}

static void
v2_widens_members_to_version_3(void **unused)
{
	struct classic c;

	(void)unused;
	memset(&c, 0xee, sizeof(c));
	assert_int_equal(v2_decode(bytes_of(record, sizeof(record)), &c, NULL),
	    sizeof(record));
	assert_int_equal(c.tag, 7);
	assert_int_equal(c.recv_sec, 1100000000);
	assert_int_equal(c.recv_usec, 0);
	assert_int_equal(c.tcp_flags, 0x12);
	assert_int_equal(c.protocol, 6);
	assert_int_equal(c.tos, 0x10);
	assert_int_equal(c.agent.v4, 0xc0000201);
	assert_int_equal(c.src.v4, 0x0a010203);
	assert_int_equal(c.dst.v4, 0xc6336409);
	assert_int_equal(c.gateway.family, ADDR_V6);
	assert_int_equal(c.gateway.v6.hi, UINT64_C(0x20010db800000000));
	assert_int_equal(c.src_port, 40000);
	assert_int_equal(c.dst_port, 443);
	assert_int_equal(c.packets, 12);
	assert_int_equal(c.octets, 3456);
	assert_int_equal(c.if_in, 3);
	assert_int_equal(c.if_out, 65535);
	assert_int_equal(c.sys_uptime_ms, 3600000);
	assert_int_equal(c.time_sec, 1100000000);
	assert_int_equal(c.time_nanosec, 5);
	assert_int_equal(c.netflow_version, 5);
	assert_int_equal(c.flow_start_ms, 3590000);
	assert_int_equal(c.flow_finish_ms, 3599000);
	assert_int_equal(c.src_as, 64512);
	assert_int_equal(c.dst_as, 65000);
	assert_int_equal(c.src_mask, 24);
	assert_int_equal(c.dst_mask, 16);
	assert_int_equal(c.engine_type, 1);
	assert_int_equal(c.engine_id, 2);
	assert_int_equal(c.sequence, 77);
	assert_int_equal(c.source_id, 0);
	assert_int_equal(c.crc32, 0x437ac5b6);
}

static void
v2_waits_for_the_rest_of_a_cut_record(void **unused)
{
	(void)unused;
	for (size_t len = 0; len < sizeof(record); len++) {
		uint8_t *exact = malloc(len + 1);

		assert_non_null(exact);
		memcpy(exact, record, len);
		assert_int_equal(v2_result(bytes_of(exact, len)), FLOWD_EOF);
		free(exact);
	}
}

static void
v2_refuses_any_octet_that_was_changed(void **unused)
{
	uint8_t rec[sizeof(record)];

	(void)unused;
	for (size_t i = 4; i < sizeof(rec); i++) {
		memcpy(rec, record, sizeof(rec));
		rec[i] ^= 0x10;
		assert_int_equal(
		    v2_result(bytes_of(rec, sizeof(rec))), FLOWD_ECHECKSUM);
	}
}

static void
v2_refuses_unknown_fields(void **unused)
{
	uint8_t rec[64] = { 0 };

	(void)unused;
	for (unsigned bit = 19; bit < 32; bit++) {
		if (bit == 30)
			continue;
		store_be32(rec, UINT32_C(1) << bit);
		assert_int_equal(
		    v2_result(bytes_of(rec, sizeof(rec))), FLOWD_EFORMAT);
	}
}

static void
v2_refuses_both_families_in_one_place(void **unused)
{
	static const uint32_t places[] = { CLASSIC_AGENT_ADDR, CLASSIC_SRC_ADDR,
		CLASSIC_DST_ADDR, CLASSIC_GATEWAY_ADDR };
	uint8_t rec[64] = { 0 };

	(void)unused;
	for (size_t i = 0; i < 4; i++) {
		store_be32(rec, places[i]);
		assert_int_equal(
		    v2_result(bytes_of(rec, sizeof(rec))), FLOWD_EFORMAT);
	}
}

static void
v2_takes_records_without_fields(void **unused)
{
	static const uint8_t rec[4] = { 0 };

	(void)unused;
	assert_int_equal(v2_result(bytes_of(rec, sizeof(rec))), 4);
}

/* Every field alone: the record is as long as the manual says. */
static void
v2_knows_how_long_each_field_is(void **unused)
{
	static const uint8_t len[] = { 4, 4, 4, 4, 16, 4, 16, 4, 16, 4, 16, 4,
		8, 8, 4, 16, 8, 8, 8 };
	uint8_t rec[64] = { 0 };

	(void)unused;
	for (unsigned bit = 0; bit < sizeof(len); bit++) {
		store_be32(rec, UINT32_C(1) << bit);
		assert_int_equal(
		    v2_result(bytes_of(rec, sizeof(rec))), 4 + len[bit]);
	}
}

static void
v2_is_written_as_version_3(void **unused)
{
	uint8_t two[2 * sizeof(record)];
	struct batch *batch = batch_new(64);
	uint64_t unstorable = 0;
	struct classic c;
	struct buf out;
	size_t used;

	(void)unused;
	buf_init(&out, 4096);
	memcpy(two, record, sizeof(record));
	memcpy(two + sizeof(record), record, sizeof(record));
	assert_int_equal(
	    v2_read(bytes_of(two, sizeof(two) - 1), batch, &used, NULL), 1);
	assert_int_equal(used, sizeof(record));
	assert_int_equal(v3_write(batch, CLASSIC_ALL, &out, &unstorable), 1);
	assert_int_equal(
	    v3_decode(bytes_of(out.ptr, out.len), &c, NULL), out.len);
	/* All fields of version 3 with one IPv6 address, and a new checksum. */
	assert_int_equal(out.len, 132);
	assert_int_equal(c.if_out, 65535);
	assert_int_equal(c.engine_id, 2);
	assert_int_not_equal(c.crc32, 0x437ac5b6);
	buf_fini(&out);
	batch_free(batch);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v2_reads_when_a_file_was_begun),
		cmocka_unit_test(v2_refuses_a_head_that_is_cut),
		cmocka_unit_test(v2_refuses_another_magic_or_version),
		cmocka_unit_test(v2_widens_members_to_version_3),
		cmocka_unit_test(v2_waits_for_the_rest_of_a_cut_record),
		cmocka_unit_test(v2_refuses_any_octet_that_was_changed),
		cmocka_unit_test(v2_refuses_unknown_fields),
		cmocka_unit_test(v2_refuses_both_families_in_one_place),
		cmocka_unit_test(v2_takes_records_without_fields),
		cmocka_unit_test(v2_knows_how_long_each_field_is),
		cmocka_unit_test(v2_is_written_as_version_3),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
