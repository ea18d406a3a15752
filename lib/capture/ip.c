/* IPv4 and IPv6 headers; see ip.h. Test: test/unit/capture/test_ip.c. */
#include "ip.h"

enum {
	IP4_HEADER = 20,
	IP4_MORE = 0x2000,
	IP4_OFFSET = 0x1fff,
	IP6_MORE = 0x0001,
	IP6_OFFSET = 0xfff8,
	IP6_FRAGMENT = 44 /* extension header */
};

static enum packet_fate
ip4_parse(struct bytes in, struct ip_packet *p)
{
	size_t header_len, total_len;
	uint16_t fragment;
	struct wire w;

	wire_init(&w, in);
	header_len = (size_t)(wire_u8(&w) & 0x0f) * 4;
	(void)wire_u8(&w); /* type of service */
	total_len = wire_u16(&w);
	p->id = wire_u16(&w);
	fragment = wire_u16(&w);
	(void)wire_u8(&w); /* time to live */
	p->protocol = wire_u8(&w);
	(void)wire_u16(&w); /* checksum */
	p->src = addr_from_v4(wire_u32(&w));
	p->dst = addr_from_v4(wire_u32(&w));
	if (!wire_ok(&w))
		return PACKET_DAMAGED;
	if (p->protocol != IP_UDP)
		return PACKET_NOT_UDP;
	if (header_len < IP4_HEADER || total_len < header_len ||
	    total_len > in.len)
		return PACKET_DAMAGED;
	p->more = (fragment & IP4_MORE) != 0;
	p->offset = (uint32_t)(fragment & IP4_OFFSET) * 8;
	p->fragment = p->more || p->offset != 0;
	p->payload =
	    (struct bytes) { in.ptr + header_len, total_len - header_len };
	return PACKET_GOOD;
}

/* An extension of len * unit + base octets; len is its second octet. */
struct extension {
	uint8_t protocol;
	uint8_t unit;
	uint8_t base;
};

static const struct extension extensions[] = {
	{ 0, 8, 8 },	/* hop-by-hop options (RFC 8200, 4.3) */
	{ 43, 8, 8 },	/* routing (4.4) */
	{ 51, 4, 8 },	/* authentication (RFC 4302, 2.2) */
	{ 60, 8, 8 },	/* destination options (RFC 8200, 4.6) */
	{ 135, 8, 8 },	/* mobility (RFC 6275, 6.1) */
};

static const struct extension *
extension_find(uint8_t protocol)
{
	for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++)
		if (extensions[i].protocol == protocol)
			return &extensions[i];
	return NULL;
}

/*
 * RFC 8200, 4.5. Offset 0 without more fragments is a whole packet (RFC 6946);
 * its next header follows.
 */
static bool
strip_fragment(struct wire *w, struct ip_packet *p)
{
	uint16_t where;

	p->protocol = wire_u8(w);
	(void)wire_u8(w);
	where = wire_u16(w);
	p->id = wire_u32(w);
	p->offset = where & IP6_OFFSET;
	p->more = (where & IP6_MORE) != 0;
	return p->more || p->offset != 0;
}

enum packet_fate
ip_strip_extensions(struct ip_packet *p)
{
	bool inside = p->fragment;
	const struct extension *ext;
	struct wire w;

	p->fragment = false;
	wire_init(&w, p->payload);
	/* Each iteration consumes eight octets or more, or is the last. */
	while (wire_ok(&w) && p->protocol != IP_UDP && !p->fragment) {
		if (p->protocol == IP6_FRAGMENT) {
			p->fragment = strip_fragment(&w, p);
			continue;
		}
		ext = extension_find(p->protocol);
		if (ext == NULL)
			return PACKET_NOT_UDP;
		p->protocol = wire_u8(&w);
		(void)wire_take(&w,
		    (size_t)wire_u8(&w) * ext->unit + ext->base - 2);
	}
	if (!wire_ok(&w) || (inside && p->fragment))
		return PACKET_DAMAGED;
	p->payload = (struct bytes) { w.at, wire_left(&w) };
	return PACKET_GOOD;
}

static struct addr
read_addr6(struct wire *w)
{
	struct addr6 v6 = { wire_u64(w), 0 };

	v6.lo = wire_u64(w);
	return addr_from_v6(v6);
}

static enum packet_fate
ip6_parse(struct bytes in, struct ip_packet *p)
{
	size_t payload_len, there;
	enum packet_fate fate;
	struct wire w;

	wire_init(&w, in);
	(void)wire_u32(&w); /* version, traffic class, flow label */
	payload_len = wire_u16(&w);
	p->protocol = wire_u8(&w);
	(void)wire_u8(&w); /* hop limit */
	p->src = read_addr6(&w);
	p->dst = read_addr6(&w);
	if (!wire_ok(&w))
		return PACKET_DAMAGED;
	there = wire_left(&w);
	p->fragment = false;
	p->payload =
	    (struct bytes) { w.at, payload_len < there ? payload_len : there };
	fate = ip_strip_extensions(p);
	/* A truncated packet counts only if it may have been UDP. */
	if (fate == PACKET_GOOD && payload_len > there)
		return PACKET_DAMAGED;
	return fate;
}

enum packet_fate
ip_parse(struct bytes in, struct ip_packet *p)
{
	if (in.len == 0)
		return PACKET_DAMAGED;
	switch (in.ptr[0] >> 4) {
	case 4:
		return ip4_parse(in, p);
	case 6:
		return ip6_parse(in, p);
	default:
		return PACKET_NOT_UDP;
	}
}
