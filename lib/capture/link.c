/* Link layers; see link.h. Test: test/unit/capture/test_link.c. */
#define _DEFAULT_SOURCE /* pcap.h wants u_char */
#include <pcap/pcap.h>

#include "link.h"

enum {
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_IPV6 = 0x86dd,
	ETHERTYPE_VLAN = 0x8100,
	ETHERTYPE_QINQ = 0x88a8,
	ETHERTYPE_QINQ_OLD = 0x9100,
	ETHER_ADDRESSES = 12,
	VLAN_TAGS_MAX = 8,
	/* Address families of IPv6 in the head of BSD's loopback. */
	NULL_IPV4 = 2,
	NULL_IPV6_OPENBSD = 24,
	NULL_IPV6_FREEBSD = 28,
	NULL_IPV6_DARWIN = 30,
	NULL_IPV6_LINUX = 10
};

static bool
is_vlan(uint16_t type)
{
	return type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ ||
	    type == ETHERTYPE_QINQ_OLD;
}

/* What is behind the cursor is an IP packet, when the type says so. */
static enum ip_result
strip_type(struct wire *w, uint16_t type, struct bytes *packet)
{
	for (int tags = 0; is_vlan(type) && tags < VLAN_TAGS_MAX; tags++) {
		(void)wire_u16(w);
		type = wire_u16(w);
	}
	if (!wire_ok(w))
		return IP_TRUNCATED;
	if (type != ETHERTYPE_IPV4 && type != ETHERTYPE_IPV6)
		return IP_NOT_UDP;
	*packet = (struct bytes) { w->at, wire_left(w) };
	return IP_DATAGRAM;
}

static enum ip_result
strip_ethernet(struct bytes *packet)
{
	struct wire w;

	wire_init(&w, *packet);
	(void)wire_take(&w, ETHER_ADDRESSES);
	return strip_type(&w, wire_u16(&w), packet);
}

/* Linux "cooked" captures: 14 octets, then the type. */
static enum ip_result
strip_sll(struct bytes *packet)
{
	struct wire w;

	wire_init(&w, *packet);
	(void)wire_take(&w, 14);
	return strip_type(&w, wire_u16(&w), packet);
}

/* Version 2 has the type first, 20 octets in all. */
static enum ip_result
strip_sll2(struct bytes *packet)
{
	struct wire w;
	uint16_t type;

	wire_init(&w, *packet);
	type = wire_u16(&w);
	(void)wire_take(&w, 18);
	return strip_type(&w, type, packet);
}

/* No header; the IP version tells. */
static enum ip_result
strip_raw(struct bytes *packet)
{
	return packet->len > 0 ? IP_DATAGRAM : IP_TRUNCATED;
}

/* BSD loopback: the address family in the order of who captured it. */
static enum ip_result
strip_null(struct bytes *packet)
{
	static const uint32_t families[] = { NULL_IPV4, NULL_IPV6_OPENBSD,
		NULL_IPV6_FREEBSD, NULL_IPV6_DARWIN, NULL_IPV6_LINUX };
	struct wire w;
	uint32_t family, swapped;

	wire_init(&w, *packet);
	family = wire_u32(&w);
	if (!wire_ok(&w))
		return IP_TRUNCATED;
	swapped = family >> 24 | (family >> 8 & 0xff00) |
	    (family << 8 & 0xff0000) | family << 24;
	*packet = (struct bytes) { w.at, wire_left(&w) };
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (family == families[i] || swapped == families[i])
			return strip_raw(packet);
	return IP_NOT_UDP;
}

const struct link_layer *
link_find(int dlt)
{
	static const struct link_layer links[] = {
		{ DLT_EN10MB, strip_ethernet },
		{ DLT_LINUX_SLL, strip_sll },
		{ DLT_LINUX_SLL2, strip_sll2 },
		{ DLT_RAW, strip_raw },
		{ DLT_IPV4, strip_raw },
		{ DLT_IPV6, strip_raw },
		{ DLT_NULL, strip_null },
		{ DLT_LOOP, strip_null },
	};

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (links[i].dlt == dlt)
			return &links[i];
	return NULL;
}
