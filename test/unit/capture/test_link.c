/* Tests of lib/capture/link.c. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <pcap/dlt.h>

#include "link.h"
#include "packets.h"

static struct packet p;

static int
setup(void **state)
{
	(void)state;
	p.len = 0;
	return 0;
}

/* Strip p, which is followed by nothing, as this link layer. */
static enum packet_fate
link_strip_all(int dlt, size_t *left)
{
	link_strip *fn = link_find(dlt);
	enum packet_fate fate;
	struct wire w;

	assert_non_null(fn);
	wire_init(&w, packet_bytes(&p));
	fate = fn(&w);
	*left = wire_left(&w);
	return fate;
}

static void
assert_strips_to(int dlt, size_t want_left)
{
	size_t left;

	assert_int_equal(link_strip_all(dlt, &left), PACKET_GOOD);
	assert_int_equal(left, want_left);
}

static void
assert_fate(int dlt, enum packet_fate want)
{
	size_t left;

	assert_int_equal(link_strip_all(dlt, &left), want);
}

static void
link_does_not_know_every_layer(void **state)
{
	(void)state;
	assert_null(link_find(-1));
	assert_null(link_find(DLT_IEEE802_11));
}

static void
link_refuses_every_cut_of_ethernet_with_two_tags(void **state)
{
	(void)state;
	put_ethernet(&p, 0x88a8);
	packet_put16(&p, 100);
	packet_put16(&p, 0x8100);
	packet_put16(&p, 200);
	packet_put16(&p, 0x0800);
	assert_strips_to(DLT_EN10MB, 0);
	while (p.len-- > 0)
		assert_fate(DLT_EN10MB, PACKET_DAMAGED);
}

static void
link_takes_ethernet_with_and_without_tags(void **state)
{
	static const unsigned tags[] = { 0x8100, 0x88a8, 0x9100 };

	(void)state;
	put_ethernet(&p, 0x86dd);
	packet_put32(&p, 0);
	assert_strips_to(DLT_EN10MB, 4);
	for (size_t i = 0; i < 3; i++) {
		p.len = 0;
		put_ethernet(&p, tags[i]);
		packet_put16(&p, 7);
		packet_put16(&p, 0x0800);
		packet_put32(&p, 0);
		assert_strips_to(DLT_EN10MB, 4);
	}
}

static void
link_gives_up_at_a_tower_of_tags(void **state)
{
	(void)state;
	put_ethernet(&p, 0x8100);
	for (unsigned i = 0; i < 7; i++) {
		packet_put16(&p, i);
		packet_put16(&p, 0x8100);
	}
	packet_put16(&p, 8);
	packet_put16(&p, 0x0800);
	assert_strips_to(DLT_EN10MB, 0);
	p.len -= 2;
	packet_put16(&p, 0x8100);
	packet_put16(&p, 9);
	packet_put16(&p, 0x0800);
	assert_fate(DLT_EN10MB, PACKET_NOT_UDP);
}

static void
link_passes_over_what_is_not_ip(void **state)
{
	(void)state;
	put_ethernet(&p, 0x0806); /* ARP */
	packet_put32(&p, 0);
	assert_fate(DLT_EN10MB, PACKET_NOT_UDP);
	p.len = 0;
	put_ethernet(&p, 60); /* a length: IEEE 802.3 */
	assert_fate(DLT_EN10MB, PACKET_NOT_UDP);
}

static void
link_takes_linux_cooked(void **state)
{
	(void)state;
	put_pattern(&p, 0, 14);
	packet_put16(&p, 0x0800);
	packet_put32(&p, 0);
	assert_strips_to(DLT_LINUX_SLL, 4);
	p.len = 15;
	assert_fate(DLT_LINUX_SLL, PACKET_DAMAGED);
	p.len = 0;
	packet_put16(&p, 0x86dd);
	put_pattern(&p, 0, 18);
	packet_put32(&p, 0);
	assert_strips_to(DLT_LINUX_SLL2, 4);
	p.len = 19;
	assert_fate(DLT_LINUX_SLL2, PACKET_DAMAGED);
}

static void
link_takes_raw_ip_as_it_is(void **state)
{
	static const int raw[] = { DLT_RAW, DLT_IPV4, DLT_IPV6 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		p.len = 0;
		assert_fate(raw[i], PACKET_DAMAGED);
		packet_put32(&p, 0);
		assert_strips_to(raw[i], 4);
	}
}

static void
link_takes_loopback_of_any_byte_order(void **state)
{
	static const uint32_t families[] = { 2, 10, 24, 28, 30 };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		p.len = 0;
		packet_put32(&p, families[i]);
		assert_strips_to(DLT_LOOP, 0);
		p.len = 0;
		packet_put32(&p, families[i] << 24);
		assert_strips_to(DLT_NULL, 0);
		p.len = 3;
		assert_fate(DLT_NULL, PACKET_DAMAGED);
	}
	p.len = 0;
	packet_put32(&p, 17);
	assert_fate(DLT_NULL, PACKET_NOT_UDP);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(link_does_not_know_every_layer),
		cmocka_unit_test_setup(
		    link_refuses_every_cut_of_ethernet_with_two_tags, setup),
		cmocka_unit_test_setup(
		    link_takes_ethernet_with_and_without_tags, setup),
		cmocka_unit_test_setup(link_gives_up_at_a_tower_of_tags, setup),
		cmocka_unit_test_setup(link_passes_over_what_is_not_ip, setup),
		cmocka_unit_test_setup(link_takes_linux_cooked, setup),
		cmocka_unit_test_setup(link_takes_raw_ip_as_it_is, setup),
		cmocka_unit_test_setup(
		    link_takes_loopback_of_any_byte_order, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
