/* IP and UDP headers; see ip.h. Test: test/unit/capture/test_ip.c. */
#include "ip.h"

enum {
	PROTOCOL_UDP = 17,
	UDP_HEADER = 8,
	IPV4_HEADER_MIN = 20,
	EXTENSIONS_MAX = 8
};

/* IPv6 extension headers (RFC 8200, 4), and authentication (RFC 4302). */
enum extension {
	EXT_HOP_BY_HOP = 0,
	EXT_ROUTING = 43,
	EXT_FRAGMENT = 44,
	EXT_AUTHENTICATION = 51,
	EXT_DESTINATION = 60
};

/* RFC 791, 3.1. The IP length wins over the capture's: that may be padded. */
static enum ip_result
ipv4_parse(struct bytes packet, struct ip_packet *ip)
{
	struct wire w;
	size_t header, total;
	uint16_t fragment;

	wire_init(&w, packet);
	header = (size_t)(wire_u8(&w) & 0xf) * 4;
	(void)wire_u8(&w);
	total = wire_u16(&w);
	ip->id = wire_u16(&w);
	fragment = wire_u16(&w);
	(void)wire_u8(&w);
	ip->protocol = wire_u8(&w);
	(void)wire_u16(&w);
	ip->src = addr_from_v4(wire_u32(&w));
	ip->dst = addr_from_v4(wire_u32(&w));
	if (!wire_ok(&w) || header < IPV4_HEADER_MIN || total < header ||
	    total > packet.len)
		return IP_TRUNCATED;
	ip->payload = (struct bytes) { packet.ptr + header, total - header };
	ip->offset = (fragment & 0x1fffU) * 8;
	ip->more = fragment & 0x2000;
	return ip->more || ip->offset > 0 ? IP_FRAGMENT : IP_DATAGRAM;
}

/* Step over one extension header; false when next is none. */
static bool
extension_skip(struct wire *w, uint8_t *next, struct ip_packet *ip)
{
	uint8_t type = *next, len;
	uint16_t fragment;

	switch (type) {
	case EXT_HOP_BY_HOP:
	case EXT_ROUTING:
	case EXT_DESTINATION:
		*next = wire_u8(w);
		len = wire_u8(w);
		(void)wire_take(w, 6 + len * 8U);
		return true;
	case EXT_AUTHENTICATION:
		*next = wire_u8(w);
		len = wire_u8(w);
		(void)wire_take(w, 6 + len * 4U);
		return true;
	case EXT_FRAGMENT:
		*next = wire_u8(w);
		(void)wire_u8(w);
		fragment = wire_u16(w);
		ip->id = wire_u32(w);
		ip->offset = fragment & 0xfff8U;
		ip->more = fragment & 1;
		return ip->offset == 0 && !ip->more;
	default:
		return false;
	}
}

/* RFC 8200, 3 and 4. */
static enum ip_result
ipv6_parse(struct bytes packet, struct ip_packet *ip)
{
	struct wire w;
	struct addr6 a;
	uint16_t len;
	uint8_t next;

	wire_init(&w, packet);
	(void)wire_u32(&w);
	len = wire_u16(&w);
	next = wire_u8(&w);
	(void)wire_u8(&w);
	a.hi = wire_u64(&w);
	a.lo = wire_u64(&w);
	ip->src = addr_from_v6(a);
	a.hi = wire_u64(&w);
	a.lo = wire_u64(&w);
	ip->dst = addr_from_v6(a);
	if (!wire_ok(&w) || len > wire_left(&w))
		return IP_TRUNCATED;
	wire_init(&w, (struct bytes) { w.at, len });
	ip->offset = 0;
	ip->more = false;
	for (int i = 0; i < EXTENSIONS_MAX; i++)
		if (!extension_skip(&w, &next, ip))
			break;
	if (!wire_ok(&w))
		return IP_TRUNCATED;
	ip->protocol = next;
	ip->payload = (struct bytes) { w.at, wire_left(&w) };
	return ip->more || ip->offset > 0 ? IP_FRAGMENT : IP_DATAGRAM;
}

enum ip_result
ip_parse(struct bytes packet, struct ip_packet *ip)
{
	enum ip_result got;

	if (packet.len == 0)
		return IP_TRUNCATED;
	switch (packet.ptr[0] >> 4) {
	case 4:
		got = ipv4_parse(packet, ip);
		break;
	case 6:
		got = ipv6_parse(packet, ip);
		break;
	default:
		return IP_NOT_UDP;
	}
	if (got != IP_TRUNCATED && ip->protocol != PROTOCOL_UDP)
		return IP_NOT_UDP;
	return got;
}

/* RFC 768. The length may leave octets of the IP packet over as padding. */
enum ip_result
udp_parse(const struct ip_packet *ip, struct capture_datagram *d)
{
	struct wire w;
	uint16_t len;

	wire_init(&w, ip->payload);
	d->src = ip->src;
	d->dst = ip->dst;
	d->src_port = wire_u16(&w);
	d->dst_port = wire_u16(&w);
	len = wire_u16(&w);
	(void)wire_u16(&w);
	if (!wire_ok(&w) || len < UDP_HEADER || len > ip->payload.len)
		return IP_TRUNCATED;
	d->payload = (struct bytes) { w.at, len - UDP_HEADER };
	return IP_DATAGRAM;
}
