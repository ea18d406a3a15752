/* Tests of lib/capture/capture.c, on files in memory. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>

#include "capture.h"
#include "packets.h"

enum {
	LINKTYPE_ETHERNET = 1,
	LINKTYPE_RAW = 101,
	LINKTYPE_WIFI = 105
};

static struct packet file, p;
static struct capture *cap;
static struct capture_datagram d;
static struct flowd_error err;

static int
setup(void **state)
{
	(void)state;
	file.len = p.len = 0;
	cap = NULL;
	memset(&err, 0, sizeof(err));
	put_pcap_head(&file, LINKTYPE_RAW);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	capture_close(cap);
	return 0;
}

/* A packet of the file: p, which then begins anew. */
static void
add_packet(uint32_t sec)
{
	put_pcap(&file, &p, sec);
	p.len = 0;
}

static struct capture *
try_open(void)
{
	FILE *f = tmpfile();

	assert_non_null(f);
	assert_int_equal(fwrite(file.octet, 1, file.len, f), file.len);
	rewind(f);
	return capture_open(f, "test.pcap", &err);
}

static void
open_file(void)
{
	cap = try_open();
	if (cap == NULL)
		fail_msg("%s", err.text);
}

/* The end of the file: every packet was counted once. */
static const struct capture_counters *
assert_end(int want)
{
	const struct capture_counters *c = capture_counters(cap);

	assert_int_equal(capture_next(cap, &d, &err), want);
	assert_int_equal(c->packets,
	    c->datagrams + c->fragments + c->not_udp + c->truncated +
		c->incomplete);
	return c;
}

static void
assert_payload(size_t len)
{
	struct packet want = { .len = 0 };

	put_pattern(&want, 0, len);
	assert_int_equal(capture_next(cap, &d, &err), 1);
	assert_int_equal(d.payload.len, len);
	assert_memory_equal(d.payload.ptr, want.octet, len);
	assert_int_equal(d.src_port, 4000);
	assert_int_equal(d.dst_port, 2055);
}

static void
assert_error_names(const char *what)
{
	if (strstr(err.text, what) == NULL ||
	    strstr(err.text, "test.pcap") != err.text)
		fail_msg("\"%s\" does not tell of \"%s\"", err.text, what);
}

static void
capture_refuses_an_empty_file(void **state)
{
	(void)state;
	file.len = 0;
	assert_null(try_open());
	assert_error_names("not a capture");
}

static void
capture_refuses_every_cut_of_a_file_head(void **state)
{
	(void)state;
	while (file.len-- > 0)
		assert_null(try_open());
}

static void
capture_refuses_what_is_no_capture(void **state)
{
	(void)state;
	file.len = 0;
	packet_put(&file, "FLOW recv_time 2004-01-01T00:00:00", 34);
	assert_null(try_open());
	assert_error_names("not a capture");
}

static void
capture_refuses_a_link_layer_it_does_not_know(void **state)
{
	(void)state;
	file.len = 0;
	put_pcap_head(&file, LINKTYPE_WIFI);
	assert_null(try_open());
	assert_error_names("IEEE802_11");
}

static void
capture_of_no_packets_ends_at_once(void **state)
{
	(void)state;
	open_file();
	assert_int_equal(assert_end(0)->packets, 0);
	assert_end(0);
}

static void
capture_gives_whole_packets_before_a_cut_end(void **state)
{
	(void)state;
	put_udp4(&p, 4);
	add_packet(1);
	put_udp4(&p, 5);
	add_packet(2);
	file.len--;
	open_file();
	assert_payload(4);
	assert_int_equal(assert_end(FLOWD_EFORMAT)->packets, 1);
	assert_error_names("packet 2");
}

static void
capture_refuses_a_packet_length_out_of_reason(void **state)
{
	(void)state;
	packet_put32(&file, 1);
	packet_put32(&file, 0);
	packet_put32(&file, 0xfffffff0);
	packet_put32(&file, 0xfffffff0);
	put_pattern(&file, 0, 1000);
	open_file();
	assert_end(FLOWD_EFORMAT);
}

static void
capture_counts_packets_cut_by_the_snapshot_length(void **state)
{
	(void)state;
	put_udp4(&p, 100);
	for (size_t len = 0; len < p.len; len++)
		put_pcap_cut(&file, &p, len, 1);
	open_file();
	assert_int_equal(assert_end(0)->truncated, 128);
}

static void
capture_refuses_udp_lengths_that_lie(void **state)
{
	static const unsigned lies[] = { 0, 1, 7, 13, 65535 };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		put_udp4(&p, 4);
		store_be16(p.octet + 24, (uint16_t)lies[i]);
		add_packet(1);
	}
	put_ip4(&p, UDP, 1, 0, 7); /* shorter than a UDP header */
	put_pattern(&p, 0, 7);
	add_packet(1);
	open_file();
	assert_int_equal(assert_end(0)->truncated, 6);
}

static void
capture_cuts_what_follows_the_udp_length(void **state)
{
	(void)state;
	put_udp4(&p, 10);
	store_be16(p.octet + 24, 8 + 3);
	add_packet(1);
	put_udp4(&p, 0);
	add_packet(1);
	open_file();
	assert_payload(3);
	assert_payload(0);
	assert_int_equal(assert_end(0)->datagrams, 2);
}

static void
capture_counts_what_is_not_udp(void **state)
{
	(void)state;
	file.len = 0;
	put_pcap_head(&file, LINKTYPE_ETHERNET);
	put_ethernet(&p, 0x0806);
	put_pattern(&p, 0, 28);
	add_packet(1);
	put_ethernet(&p, 0x0800);
	put_ip4(&p, TCP, 1, 0, 20);
	put_pattern(&p, 0, 20);
	add_packet(1);
	put_ethernet(&p, 0x0800);
	put_ip4(&p, TCP, 1, MORE, 16); /* no need to put it together */
	put_pattern(&p, 0, 16);
	add_packet(1);
	put_ethernet(&p, 0x8100);
	packet_put16(&p, 12);
	packet_put16(&p, 0x0800);
	put_udp4(&p, 46);
	add_packet(1);
	open_file();
	assert_payload(46);
	assert_int_equal(assert_end(0)->not_udp, 3);
}

static void
capture_tells_times_in_nanoseconds(void **state)
{
	(void)state;
	put_udp4(&p, 1);
	put_pcap(&file, &p, 1700000000);
	put_pcap(&file, &p, 4000000000);
	open_file();
	assert_payload(1);
	assert_true(d.time_ns == INT64_C(1700000000000000005));
	assert_payload(1);
	assert_true(d.time_ns == INT64_C(4000000000000000005));
}

static void
capture_tells_addresses(void **state)
{
	(void)state;
	put_udp4(&p, 1);
	add_packet(1);
	put_ip6(&p, UDP, 9);
	put_udp(&p, 1);
	put_pattern(&p, 0, 1);
	add_packet(1);
	open_file();
	assert_payload(1);
	assert_int_equal(d.src.v4, 0xc0000201);
	assert_int_equal(d.dst.v4, 0xc0000202);
	assert_payload(1);
	assert_int_equal(d.src.family, ADDR_V6);
	assert_true(d.src.v6.lo == 1 && d.dst.v6.lo == 2);
}

/* UDP over IPv4 in three fragments, of which the last comes first. */
static void
capture_puts_ipv4_fragments_together(void **state)
{
	struct packet whole = { .len = 0 };

	(void)state;
	put_udp(&whole, 4000);
	put_pattern(&whole, 0, 4000);
	put_ip4(&p, UDP, 5, 2960 / 8, whole.len - 2960);
	packet_put(&p, whole.octet + 2960, whole.len - 2960);
	add_packet(1);
	put_ip4(&p, UDP, 5, MORE, 1480);
	packet_put(&p, whole.octet, 1480);
	add_packet(1);
	put_ip4(&p, UDP, 5, MORE | 1480 / 8, 1480);
	packet_put(&p, whole.octet + 1480, 1480);
	add_packet(1);
	put_ip4(&p, UDP, 6, MORE, 1480); /* never whole */
	packet_put(&p, whole.octet, 1480);
	add_packet(1);
	open_file();
	assert_payload(4000);
	assert_int_equal(assert_end(0)->fragments, 2);
	assert_int_equal(capture_counters(cap)->incomplete, 1);
}

/* The fragments carry a header of destination options in front of UDP. */
static void
capture_puts_ipv6_fragments_together(void **state)
{
	struct packet whole = { .len = 0 };

	(void)state;
	packet_put32(&whole, UDP << 24);
	packet_put32(&whole, 0);
	put_udp(&whole, 2000);
	put_pattern(&whole, 0, 2000);
	put_ip6(&p, 44, 8 + 1232);
	put_fragment6(&p, 60, 0, 1, 9);
	packet_put(&p, whole.octet, 1232);
	add_packet(1);
	put_ip6(&p, 44, 8 + whole.len - 1232);
	put_fragment6(&p, 60, 1232, 0, 9);
	packet_put(&p, whole.octet + 1232, whole.len - 1232);
	add_packet(1);
	open_file();
	assert_payload(2000);
	assert_int_equal(assert_end(0)->fragments, 1);
}

static void
capture_refuses_overlapping_fragments(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		put_ip4(&p, UDP, 5, i == 2 ? i : MORE | i, 16);
		put_pattern(&p, 0, 16);
		add_packet(1);
	}
	open_file();
	assert_int_equal(assert_end(0)->incomplete, 3);
}

static void
put_le32(uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		file.octet[file.len++] = (uint8_t)(v >> 8 * i);
}

/* pcapng, little-endian: a section, an interface, one enhanced packet. */
static void
capture_reads_pcapng(void **state)
{
	(void)state;
	put_udp4(&p, 4);
	file.len = 0;
	put_le32(0x0a0d0d0a);
	put_le32(28);
	put_le32(0x1a2b3c4d);
	put_le32(1); /* version 1.0 */
	put_le32(0xffffffff);
	put_le32(0xffffffff);
	put_le32(28);
	put_le32(1);
	put_le32(20);
	put_le32(LINKTYPE_RAW);
	put_le32(65535);
	put_le32(20);
	put_le32(6);
	put_le32(32 + 32);
	put_le32(0);
	put_le32(1700000000000005 >> 32); /* microseconds */
	put_le32(1700000000000005 & 0xffffffff);
	put_le32((uint32_t)p.len);
	put_le32((uint32_t)p.len);
	packet_put(&file, p.octet, p.len);
	put_le32(32 + 32);
	open_file();
	assert_payload(4);
	assert_true(d.time_ns == INT64_C(1700000000000005000));
	assert_int_equal(assert_end(0)->datagrams, 1);
}

static void
capture_sniffs_the_first_octet(void **state)
{
	unsigned n = 0;

	(void)state;
	for (unsigned octet = 0; octet < 256; octet++)
		n += capture_sniff((uint8_t)octet);
	assert_int_equal(n, 5);
	assert_true(capture_sniff(0xa1) && capture_sniff(0xd4) &&
	    capture_sniff(0x4d) && capture_sniff(0x0a));
	/* Neither flow logs nor export datagrams. */
	for (uint8_t octet = 0x60; octet < 0x80; octet++)
		assert_false(capture_sniff(octet));
	assert_false(capture_sniff(0));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(capture_refuses_an_empty_file),
		T(capture_refuses_every_cut_of_a_file_head),
		T(capture_refuses_what_is_no_capture),
		T(capture_refuses_a_link_layer_it_does_not_know),
		T(capture_of_no_packets_ends_at_once),
		T(capture_gives_whole_packets_before_a_cut_end),
		T(capture_refuses_a_packet_length_out_of_reason),
		T(capture_counts_packets_cut_by_the_snapshot_length),
		T(capture_refuses_udp_lengths_that_lie),
		T(capture_cuts_what_follows_the_udp_length),
		T(capture_counts_what_is_not_udp),
		T(capture_tells_times_in_nanoseconds),
		T(capture_tells_addresses),
		T(capture_puts_ipv4_fragments_together),
		T(capture_puts_ipv6_fragments_together),
		T(capture_refuses_overlapping_fragments),
		T(capture_reads_pcapng),
		T(capture_sniffs_the_first_octet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
