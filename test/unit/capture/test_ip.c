/* Tests of lib/capture/ip.c. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "ip.h"
#include "packets.h"

static struct packet p;
static struct ip_packet ip;

static int
setup(void **state)
{
	(void)state;
	p.len = 0;
	memset(&ip, 0xee, sizeof(ip));
	return 0;
}

static enum packet_fate
packet_parse(void)
{
	return ip_parse(packet_bytes(&p), &ip);
}

/* No octets of a packet but all of them are a UDP datagram. */
static void
assert_every_cut_is_damaged(void)
{
	size_t len = p.len;

	assert_int_equal(packet_parse(), PACKET_GOOD);
	while (p.len-- > 0)
		assert_int_equal(packet_parse(), PACKET_DAMAGED);
	p.len = len;
}

static void
ip_refuses_every_cut_of_ipv4(void **state)
{
	(void)state;
	put_udp4(&p, 12);
	assert_every_cut_is_damaged();
}

static void
ip_refuses_every_cut_of_ipv6_with_extensions(void **state)
{
	(void)state;
	put_ip6(&p, 0, 8 + 24 + 8 + 12 + 8 + 4);
	packet_put32(&p, 43 << 24); /* hop-by-hop, then routing */
	packet_put32(&p, 0);
	packet_put32(&p, 60 << 24 | 2 << 16); /* 24 octets, then destination */
	put_pattern(&p, 0, 20);
	packet_put32(&p, 51 << 24); /* authentication */
	packet_put32(&p, 0);
	packet_put32(&p, UDP << 24 | 1 << 16); /* 12 octets */
	put_pattern(&p, 0, 8);
	put_udp(&p, 4);
	packet_put32(&p, 0xdeadbeef);
	assert_every_cut_is_damaged();
	assert_int_equal(packet_parse(), PACKET_GOOD);
	assert_false(ip.fragment);
	assert_int_equal(ip.payload.len, 12);
	assert_ptr_equal(ip.payload.ptr, p.octet + p.len - 12);
}

static void
ip_refuses_ipv4_lengths_that_lie(void **state)
{
	static const struct {
		size_t at;
		unsigned value;
	} lies[] = {
		{ 0, 0x4000 },	/* no header */
		{ 0, 0x4400 },	/* shorter than its fixed part */
		{ 0, 0x4f00 },	/* longer than the packet */
		{ 2, 0 },
		{ 2, 19 },
		{ 2, 33 },	/* one more than there is */
		{ 2, 65535 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		p.len = 0;
		put_udp4(&p, 4);
		store_be16(p.octet + lies[i].at, (uint16_t)lies[i].value);
		assert_int_equal(packet_parse(), PACKET_DAMAGED);
	}
}

static void
ip_passes_over_other_versions(void **state)
{
	(void)state;
	put_udp4(&p, 4);
	for (unsigned version = 0; version < 16; version++) {
		p.octet[0] = (uint8_t)(version << 4 | 5);
		if (version != 4 && version != 6)
			assert_int_equal(packet_parse(), PACKET_NOT_UDP);
	}
}

static void
ip_passes_over_other_protocols_even_when_cut(void **state)
{
	(void)state;
	put_ip4(&p, TCP, 1, 0, 1000);
	assert_int_equal(packet_parse(), PACKET_NOT_UDP);
	p.len = 0;
	put_ip6(&p, TCP, 1000);
	assert_int_equal(packet_parse(), PACKET_NOT_UDP);
	p.len = 0;
	put_ip6(&p, 59, 0); /* no next header */
	assert_int_equal(packet_parse(), PACKET_NOT_UDP);
}

static void
ip_takes_options_off_and_cuts_padding(void **state)
{
	(void)state;
	packet_put16(&p, 0x4700);
	packet_put16(&p, 28 + 8 + 1);
	packet_put32(&p, 0);
	packet_put16(&p, UDP);
	packet_put16(&p, 0);
	packet_put32(&p, 0x0a000001);
	packet_put32(&p, 0x0a000002);
	put_pattern(&p, 0, 8);
	put_udp(&p, 1);
	put_pattern(&p, 0, 1 + 17);
	assert_int_equal(packet_parse(), PACKET_GOOD);
	assert_false(ip.fragment);
	assert_int_equal(ip.src.family, ADDR_V4);
	assert_int_equal(ip.src.v4, 0x0a000001);
	assert_int_equal(ip.dst.v4, 0x0a000002);
	assert_ptr_equal(ip.payload.ptr, p.octet + 28);
	assert_int_equal(ip.payload.len, 9);
}

static void
ip_cuts_padding_behind_ipv6(void **state)
{
	(void)state;
	put_ip6(&p, UDP, 9);
	put_udp(&p, 1);
	put_pattern(&p, 0, 20);
	assert_int_equal(packet_parse(), PACKET_GOOD);
	assert_int_equal(ip.src.family, ADDR_V6);
	assert_true(ip.src.v6.hi == UINT64_C(0x20010db800000000));
	assert_true(ip.src.v6.lo == 1);
	assert_true(ip.dst.v6.lo == 2);
	assert_int_equal(ip.payload.len, 9);
}

static void
ip_tells_fragments_of_ipv4(void **state)
{
	(void)state;
	put_ip4(&p, UDP, 0xabcd, MORE, 16);
	put_pattern(&p, 0, 16);
	assert_int_equal(packet_parse(), PACKET_GOOD);
	assert_true(ip.fragment);
	assert_true(ip.more);
	assert_int_equal(ip.id, 0xabcd);
	assert_int_equal(ip.offset, 0);
	store_be16(p.octet + 6, 0x1fff);
	assert_int_equal(packet_parse(), PACKET_GOOD);
	assert_true(ip.fragment);
	assert_false(ip.more);
	assert_int_equal(ip.offset, 0x1fff * 8);
	store_be16(p.octet + 6, 0x4000); /* do not fragment */
	assert_int_equal(packet_parse(), PACKET_GOOD);
	assert_false(ip.fragment);
}

static void
ip_tells_fragments_of_ipv6(void **state)
{
	(void)state;
	put_ip6(&p, 44, 16);
	put_fragment6(&p, UDP, 1280, 1, 0x12345678);
	put_pattern(&p, 0, 8);
	assert_every_cut_is_damaged();
	assert_int_equal(packet_parse(), PACKET_GOOD);
	assert_true(ip.fragment);
	assert_true(ip.more);
	assert_int_equal(ip.id, 0x12345678);
	assert_int_equal(ip.offset, 1280);
	assert_int_equal(ip.protocol, UDP);
	assert_int_equal(ip.payload.len, 8);
}

static void
ip_takes_an_atomic_fragment_as_whole(void **state)
{
	(void)state;
	put_ip6(&p, 44, 8 + 12);
	put_fragment6(&p, UDP, 0, 0, 1);
	put_udp(&p, 4);
	packet_put32(&p, 0);
	assert_int_equal(packet_parse(), PACKET_GOOD);
	assert_false(ip.fragment);
	assert_int_equal(ip.payload.len, 12);
}

static void
ip_refuses_a_fragment_in_a_fragment(void **state)
{
	struct ip_packet whole = { .protocol = 44, .fragment = true };

	(void)state;
	put_fragment6(&p, UDP, 8, 1, 1);
	put_pattern(&p, 0, 8);
	whole.payload = packet_bytes(&p);
	assert_int_equal(ip_strip_extensions(&whole), PACKET_DAMAGED);
}

static void
ip_ends_in_a_tower_of_extensions(void **state)
{
	(void)state;
	put_ip6(&p, 60, 60000);
	for (unsigned i = 0; i < 60000 / 8; i++) {
		packet_put32(&p, 60 << 24);
		packet_put32(&p, 0);
	}
	assert_int_equal(packet_parse(), PACKET_DAMAGED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(ip_refuses_every_cut_of_ipv4, setup),
		cmocka_unit_test_setup(
		    ip_refuses_every_cut_of_ipv6_with_extensions, setup),
		cmocka_unit_test_setup(ip_refuses_ipv4_lengths_that_lie, setup),
		cmocka_unit_test_setup(ip_passes_over_other_versions, setup),
		cmocka_unit_test_setup(
		    ip_passes_over_other_protocols_even_when_cut, setup),
		cmocka_unit_test_setup(
		    ip_takes_options_off_and_cuts_padding, setup),
		cmocka_unit_test_setup(ip_cuts_padding_behind_ipv6, setup),
		cmocka_unit_test_setup(ip_tells_fragments_of_ipv4, setup),
		cmocka_unit_test_setup(ip_tells_fragments_of_ipv6, setup),
		cmocka_unit_test_setup(
		    ip_takes_an_atomic_fragment_as_whole, setup),
		cmocka_unit_test_setup(
		    ip_refuses_a_fragment_in_a_fragment, setup),
		cmocka_unit_test_setup(ip_ends_in_a_tower_of_extensions, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
