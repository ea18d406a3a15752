/* Classic flows in memory: lib/api/compat/compat_flow.c, _fields.c, _text.c,
 * _crc32.c. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <flowd/compat.h>

enum { RECORD = 512, TEXT = 256 };

/* The record of 4.2 of flowd-log(5), and its checksum. */
static const char example[] =
    "601c00004007faaf000000076553f1000001e2401b061000c00002010a010203c6336409"
    "0a0102019c4001bb000000000000000c0000000000000d80000000030000000400368"
    "06553f1013b9ac9ff00050000003567e00036c9640000fbf40000fbf51810000000010"
    "002000003e801020304c6d4ea51";

static int
octets_of(const char *hex, uint8_t *out)
{
	int n = 0;

	for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2) {
		const char pair[] = { hex[0], hex[1], '\0' };

		out[n++] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return n;
}

/* A flow with everything, in network order. */
static struct store_flow_complete
flow_of(const char *src, const char *dst)
{
	struct store_flow_complete f;

	memset(&f, 0, sizeof(f));
	f.hdr.fields = htonl(STORE_FIELD_ALL);
	f.tag.tag = htonl(7);
	f.recv_time.recv_sec = htonl(1700000000);
	f.recv_time.recv_usec = htonl(123456);
	f.pft.protocol = 6;
	f.pft.tcp_flags = 0x1b;
	f.pft.tos = 0x10;
	assert_int_equal(addr_pton("192.0.2.1", &f.agent_addr), 0);
	assert_int_equal(addr_pton(src, &f.src_addr), 0);
	assert_int_equal(addr_pton(dst, &f.dst_addr), 0);
	assert_int_equal(addr_pton("10.1.2.1", &f.gateway_addr), 0);
	f.ports.src_port = htons(40000);
	f.ports.dst_port = htons(443);
	f.packets.flow_packets = store_htonll(12);
	f.octets.flow_octets = store_htonll(UINT64_C(0x123456789ab));
	f.ifndx.if_index_in = htonl(3);
	f.ifndx.if_index_out = htonl(4);
	f.ainfo.sys_uptime_ms = htonl(3600000);
	f.ainfo.time_sec = htonl(1700000001);
	f.ainfo.netflow_version = htons(5);
	f.ftimes.flow_start = htonl(3500000);
	f.ftimes.flow_finish = htonl(3590000);
	f.asinf.src_as = htonl(64500);
	f.asinf.src_mask = 24;
	f.finf.engine_type = htons(1);
	f.finf.engine_id = htons(2);
	f.finf.flow_sequence = htonl(1000);
	f.finf.source_id = htonl(0x01020304);
	return f;
}

static void
a_record_comes_back(void **state)
{
	static const char *const ends[][2] = { { "10.1.2.3", "198.51.100.9" },
		{ "2001:db8::1", "2001:db8::2" } };
	uint8_t record[RECORD], again[RECORD];
	struct store_flow_complete f, g;
	char ebuf[TEXT] = "";
	int len, more;

	(void)state;
	for (int i = 0; i < 2; i++) {
		f = flow_of(ends[i][0], ends[i][1]);
		assert_int_equal(store_flow_serialise(&f, record,
		    sizeof(record), &len, ebuf, sizeof(ebuf)), 0);
		assert_int_equal(record[0], STORE_VERSION);
		assert_int_equal(len, 8 + 4 * record[1]);
		assert_int_equal(store_flow_deserialise(record, len, &g, ebuf,
		    sizeof(ebuf)), 0);
		assert_int_equal(store_calc_flow_len(&g.hdr), len - 8);
		assert_int_equal(addr_cmp(&f.src_addr, &g.src_addr), 0);
		assert_int_equal(addr_cmp(&f.dst_addr, &g.dst_addr), 0);
		assert_memory_equal(&f.ports, &g.ports,
		    offsetof(struct store_flow_complete, crc32) -
		    offsetof(struct store_flow_complete, ports));
		assert_int_equal(store_flow_serialise(&g, again,
		    sizeof(again), &more, NULL, 0), 0);
		assert_int_equal(len, more);
		assert_memory_equal(record, again, (size_t)len);
	}
}

static void
a_mask_leaves_fields_out(void **state)
{
	struct store_flow_complete f = flow_of("10.1.2.3", "198.51.100.9"), g;
	uint8_t record[RECORD];
	char ebuf[TEXT] = "";
	int len;

	(void)state;
	assert_int_equal(store_flow_serialise_masked(&f, STORE_FIELD_OCTETS |
	    STORE_FIELD_SRC_ADDR | STORE_FIELD_AGENT_ADDR6, record,
	    sizeof(record), &len, ebuf, sizeof(ebuf)), 0);
	/* Of the agent only the family is wanted that it does not have. */
	assert_int_equal(len, 8 + 4 + 8);
	assert_int_equal(store_flow_deserialise(record, len, &g, NULL, 0), 0);
	assert_int_equal(ntohl(g.hdr.fields),
	    STORE_FIELD_OCTETS | STORE_FIELD_SRC_ADDR4);
	assert_int_equal(g.agent_addr.af, AF_UNSPEC);
	/* Without a family there is nothing to write. */
	f.src_addr.af = AF_UNSPEC;
	assert_int_equal(store_flow_serialise(&f, record, sizeof(record), &len,
	    ebuf, sizeof(ebuf)), STORE_ERR_FLOW_INVALID);
	assert_string_equal(ebuf, "an address of the flow has no family");
	assert_int_equal(store_flow_serialise_masked(&f, STORE_FIELD_TAG,
	    record, sizeof(record), &len, NULL, 0), 0);
	f = flow_of("10.1.2.3", "198.51.100.9");
	for (int room = 0; room < 120; room++)
		assert_int_equal(store_flow_serialise(&f, record, room, &len,
		    NULL, 0), STORE_ERR_BUFFER_SIZE);
}

static void
bad_records_are_refused(void **state)
{
	struct store_flow_complete f = flow_of("10.1.2.3", "198.51.100.9"), g;
	uint8_t record[RECORD], bad[RECORD];
	char ebuf[TEXT];
	int len;

	(void)state;
	assert_int_equal(store_flow_serialise(
	    &f, record, sizeof(record), &len, NULL, 0), 0);
	for (int n = 0; n < len; n++) {
		uint8_t *exact = malloc((size_t)n + (n == 0));

		assert_non_null(exact);
		memcpy(exact, record, (size_t)n);
		assert_int_equal(store_flow_deserialise(exact, n, &g, ebuf,
		    sizeof(ebuf)), STORE_ERR_BUFFER_SIZE);
		free(exact);
	}
#define CHANGED(offset, value, code, text) do { \
	memcpy(bad, record, sizeof(bad)); \
	bad[offset] = (value); \
	ebuf[0] = '\0'; \
	assert_int_equal(store_flow_deserialise( \
	    bad, sizeof(bad), &g, ebuf, sizeof(ebuf)), (code)); \
	assert_string_equal(ebuf, (text)); \
} while (0)
	memset(record + len, 0, sizeof(record) - (size_t)len);
	CHANGED(0, 2 << 5, STORE_ERR_UNSUP_VERSION, "Unsupported version");
	CHANGED(1, 127, STORE_ERR_INTERNAL, "store_get_flow: internal flow "
	    "buffer too small (flow is probably corrupt)");
	CHANGED(5, 0x0f, -1, "Flow has unknown fields");
	CHANGED(7, record[7] | 1 << 6, -1, "Flow has both v4/v6 src addrs");
	CHANGED(len - 1, (uint8_t)~record[len - 1], STORE_ERR_CRC_MISMATCH,
	    "Flow checksum mismatch");
	memcpy(bad, record, sizeof(bad));
	bad[1] = 1;
	assert_int_equal(store_flow_deserialise(bad, 12, &g, ebuf,
	    sizeof(ebuf)), STORE_ERR_BUFFER_SIZE);
}

static void
numbers_are_swapped(void **state)
{
	struct store_flow_complete f = flow_of("10.1.2.3", "198.51.100.9");
	struct store_flow_complete g = f;

	(void)state;
	store_swab_flow(&f, 0);
	assert_int_equal(f.hdr.fields, STORE_FIELD_ALL);
	assert_int_equal(f.ports.dst_port, 443);
	assert_int_equal(f.octets.flow_octets, UINT64_C(0x123456789ab));
	assert_int_equal(f.finf.source_id, 0x01020304);
	assert_int_equal(f.finf.engine_id, 2);
	assert_memory_equal(&f.src_addr, &g.src_addr, sizeof(f.src_addr));
	store_swab_flow(&f, 1);
	assert_memory_equal(&f, &g, sizeof(f));
}

static void
flows_are_printed(void **state)
{
	static const char want[] = "FLOW tag 7 recv_time "
	    "2023-11-14T22:13:20.123456 proto 6 tcpflags 1b tos 10 "
	    "agent [192.0.2.1] src [10.1.2.3]:40000 dst [198.51.100.9]:443 "
	    "packets 12 octets 1250999896491 ";
	struct store_flow_complete f = flow_of("10.1.2.3", "198.51.100.9");
	char line[1024], small[16];

	(void)state;
	store_format_flow(&f, line, sizeof(line), 1, STORE_DISPLAY_BRIEF, 0);
	assert_string_equal(line, want);
	store_swab_flow(&f, 0);
	store_format_flow(&f, line, sizeof(line), 1, STORE_DISPLAY_BRIEF, 1);
	assert_string_equal(line, want);
	/* As much as there is room for. */
	store_format_flow(&f, small, sizeof(small), 1, STORE_DISPLAY_ALL, 1);
	assert_string_equal(small, "FLOW tag 7 recv");
	store_format_flow(&f, small, 0, 1, STORE_DISPLAY_ALL, 1);
	store_format_flow_flowtools_csv(
	    &f, line, sizeof(line), 1, STORE_DISPLAY_ALL, 1);
	assert_string_equal(line, "1700000001,0,3600000,192.0.2.1,12,"
	    "1250999896491,3500000,3590000,1,2,10.1.2.3,198.51.100.9,"
	    "10.1.2.1,3,4,40000,443,6,16,27,24,0,64500,0");
	/* An address without a family is not printed. */
	f = flow_of("10.1.2.3", "198.51.100.9");
	f.agent_addr.af = AF_UNSPEC;
	store_format_flow(&f, line, sizeof(line), 1, STORE_FIELD_AGENT_ADDR |
	    STORE_FIELD_SRC_ADDR, 0);
	assert_string_equal(line, "FLOW src [10.1.2.3] ");
	f.hdr.fields = 0;
	store_format_flow(&f, line, sizeof(line), 1, STORE_DISPLAY_ALL, 0);
	assert_string_equal(line, "FLOW ");
}

static void
times_are_printed(void **state)
{
	(void)state;
	assert_string_equal(iso_time(1700000000, 1), "2023-11-14T22:13:20");
	assert_string_equal(interval_time(0), "0s");
	assert_string_equal(interval_time(3600), "1h0s");
	assert_string_equal(
	    interval_time(7 * 604800 + 17 * 3600 + 2 * 60 + 47),
	    "7w17h2m47s");
}

static void
the_checksum_is_computed_by_pieces(void **state)
{
	uint8_t octets[RECORD];
	int n = octets_of(example, octets);
	uint32_t whole = flowd_crc32(octets, (uint32_t)n - 4), crc;

	(void)state;
	for (int cut = 0; cut < n - 4; cut++) {
		flowd_crc32_start(&crc);
		flowd_crc32_update(octets, (uint32_t)cut, &crc);
		flowd_crc32_update(
		    octets + cut, (uint32_t)(n - 4 - cut), &crc);
		assert_int_equal(crc, whole);
	}
	flowd_crc32_start(&crc);
	assert_int_equal(crc, flowd_crc32(octets, 0));
	/* CRC-32 of "123456789" without the inversions. */
	assert_int_equal(
	    flowd_crc32((const uint8_t *)"123456789", 9), 0x2dfd2d88);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_comes_back),
		cmocka_unit_test(a_mask_leaves_fields_out),
		cmocka_unit_test(bad_records_are_refused),
		cmocka_unit_test(numbers_are_swapped),
		cmocka_unit_test(flows_are_printed),
		cmocka_unit_test(times_are_printed),
		cmocka_unit_test(the_checksum_is_computed_by_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
