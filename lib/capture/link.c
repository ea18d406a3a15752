/* Link layers; see link.h. Test: test/unit/capture/test_link.c. */
#include <stddef.h>

/* DLT numbers only: libpcap's names differ between systems. */
#include <pcap/dlt.h>

#include "link.h"

enum {
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_IPV6 = 0x86dd,
	TAGS_MAX = 8,	/* VLAN tags of a frame; usually at most two */
	MAC_PAIR = 12,
	SLL_BEFORE_TYPE = 14,
	SLL2_AFTER_TYPE = 18
};

/* Tags of IEEE 802.1Q and 802.1ad, and the earlier QinQ. */
static bool
is_vlan_tag(uint16_t ethertype)
{
	return ethertype == 0x8100 || ethertype == 0x88a8 ||
	    ethertype == 0x9100;
}

/* Skips VLAN tags after the EtherType. */
static enum packet_fate
strip_vlan_tags(struct wire *w, uint16_t ethertype)
{
	for (unsigned n = 0; is_vlan_tag(ethertype) && n < TAGS_MAX; n++) {
		(void)wire_u16(w); /* priority and VLAN id */
		ethertype = wire_u16(w);
	}
	if (!wire_ok(w))
		return PACKET_DAMAGED;
	if (ethertype != ETHERTYPE_IPV4 && ethertype != ETHERTYPE_IPV6)
		return PACKET_NOT_UDP;
	return PACKET_GOOD;
}

static enum packet_fate
strip_ethernet(struct wire *w)
{
	(void)wire_take(w, MAC_PAIR);
	return strip_vlan_tags(w, wire_u16(w));
}

/* Linux cooked: the type is the last field. */
static enum packet_fate
strip_sll(struct wire *w)
{
	(void)wire_take(w, SLL_BEFORE_TYPE);
	return strip_vlan_tags(w, wire_u16(w));
}

/* Linux cooked, version 2: the type is the first field. */
static enum packet_fate
strip_sll2(struct wire *w)
{
	uint16_t ethertype = wire_u16(w);

	(void)wire_take(w, SLL2_AFTER_TYPE);
	return strip_vlan_tags(w, ethertype);
}

static enum packet_fate
strip_raw(struct wire *w)
{
	return wire_left(w) > 0 ? PACKET_GOOD : PACKET_DAMAGED;
}

/* AF_INET is 2 everywhere; AF_INET6 depends on the capturing system. */
static bool
is_ip_family(uint32_t family)
{
	return family == 2 || family == 10 || family == 24 || family == 28 ||
	    family == 30;
}

/* The address family, in the byte order of the capturing host. */
static enum packet_fate
strip_loopback(struct wire *w)
{
	uint32_t family = wire_u32(w);

	if (!wire_ok(w))
		return PACKET_DAMAGED;
	if (!is_ip_family(family) && !is_ip_family(family >> 24))
		return PACKET_NOT_UDP;
	return PACKET_GOOD;
}

static const struct {
	int dlt;
	link_strip *strip;
} layers[] = {
	{ DLT_EN10MB, strip_ethernet },
	{ DLT_LINUX_SLL, strip_sll },
	{ DLT_LINUX_SLL2, strip_sll2 },
	{ DLT_RAW, strip_raw },
	{ DLT_IPV4, strip_raw },
	{ DLT_IPV6, strip_raw },
	{ DLT_NULL, strip_loopback },
	{ DLT_LOOP, strip_loopback },
};

link_strip *
link_find(int dlt)
{
	for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++)
		if (layers[i].dlt == dlt)
			return layers[i].strip;
	return NULL;
}
