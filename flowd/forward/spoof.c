/* IP packets; see spoof.h. */
#include <string.h>

#include "endian_be.h"
#include "spoof.h"

enum {
	PROTOCOL_UDP = 17,
	PROTOCOL_FRAGMENT = 44,
	HOPS = 64,

	V4_HEAD = 20,
	V4_MTU_MIN = 68,
	V4_MORE = 0x2000,

	V6_HEAD = 40,
	V6_FRAGMENT_HEAD = 8,
	V6_MTU_MIN = 1280,

	FRAGMENT_UNIT = 8 /* octets */
};

/* The one's complement sum (RFC 1071) of octets, added to sum. */
static uint64_t
sum_octets(uint64_t sum, const uint8_t *p, size_t len)
{
	for (; len >= 4; p += 4, len -= 4)
		sum += load_be32(p);
	if (len >= 2)
		sum += load_be16(p);
	if (len % 2 != 0)
		sum += (uint64_t)p[len - 1] << 8;
	return sum;
}

static uint16_t
sum_fold(uint64_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static uint64_t
sum_addr(const struct addr *a)
{
	uint8_t octets[16];

	if (a->family == ADDR_V4)
		return a->v4;
	addr6_store(octets, a->v6);
	return sum_octets(0, octets, sizeof(octets));
}

/*
 * The checksum covers the pseudo header (RFC 768; RFC 8200, 8.1); 0 is sent as
 * 0xffff.
 */
static uint16_t
udp_checksum(const struct spoof_datagram *d, const uint8_t *udp)
{
	uint64_t sum = sum_addr(d->src) + sum_addr(d->dst) + PROTOCOL_UDP +
	    SPOOF_UDP_HEAD + d->payload.len;
	uint16_t checksum;

	sum = sum_octets(sum, udp, SPOOF_UDP_HEAD);
	checksum = sum_fold(sum_octets(sum, d->payload.ptr, d->payload.len));
	return checksum != 0 ? checksum : 0xffff;
}

static void
put_udp(const struct spoof_datagram *d, uint8_t *udp)
{
	store_be16(udp, d->src_port);
	store_be16(udp + 2, d->dst_port);
	store_be16(udp + 4, (uint16_t)(SPOOF_UDP_HEAD + d->payload.len));
	store_be16(udp + 6, 0);
	store_be16(udp + 6, udp_checksum(d, udp));
}

/* The part of the UDP datagram that one packet carries. */
struct fragment {
	size_t at;
	size_t len;
	bool whole;
	bool last;
};

/* Without DF: an ICMP "fragmentation needed" would go to the exporter. */
static size_t
put_v4(const struct spoof_datagram *d, const struct fragment *fragment,
    uint8_t *p)
{
	uint16_t offset = (uint16_t)(fragment->at / FRAGMENT_UNIT);

	p[0] = 0x45;
	p[1] = 0;
	store_be16(p + 2, (uint16_t)(V4_HEAD + fragment->len));
	store_be16(p + 4, (uint16_t)d->ident);
	store_be16(p + 6, fragment->last ? offset : offset | V4_MORE);
	p[8] = HOPS;
	p[9] = PROTOCOL_UDP;
	store_be16(p + 10, 0);
	store_be32(p + 12, d->src->v4);
	store_be32(p + 16, d->dst->v4);
	store_be16(p + 10, sum_fold(sum_octets(0, p, V4_HEAD)));
	return V4_HEAD;
}

static size_t
put_v6(const struct spoof_datagram *d, const struct fragment *fragment,
    uint8_t *p)
{
	size_t extra = fragment->whole ? 0 : V6_FRAGMENT_HEAD;

	store_be32(p, UINT32_C(6) << 28);
	store_be16(p + 4, (uint16_t)(extra + fragment->len));
	p[6] = fragment->whole ? PROTOCOL_UDP : PROTOCOL_FRAGMENT;
	p[7] = HOPS;
	addr6_store(p + 8, d->src->v6);
	addr6_store(p + 24, d->dst->v6);
	if (fragment->whole)
		return V6_HEAD;
	p += V6_HEAD;
	p[0] = PROTOCOL_UDP;
	p[1] = 0;
	store_be16(p + 2, (uint16_t)(fragment->at | !fragment->last));
	store_be32(p + 4, d->ident);
	return V6_HEAD + V6_FRAGMENT_HEAD;
}

static size_t
head_len(const struct spoof_datagram *d)
{
	return d->src->family == ADDR_V6 ? V6_HEAD : V4_HEAD;
}

size_t
spoof_len(const struct spoof_datagram *d)
{
	return head_len(d) + SPOOF_UDP_HEAD + d->payload.len;
}

/* Payload octets of every fragment but the last. */
static size_t
payload_room(const struct spoof_datagram *d, size_t mtu)
{
	size_t heads = V4_HEAD, least = V4_MTU_MIN;

	if (d->src->family == ADDR_V6) {
		heads = V6_HEAD + V6_FRAGMENT_HEAD;
		least = V6_MTU_MIN;
	}
	if (mtu < least)
		mtu = least;
	return (mtu - heads) / FRAGMENT_UNIT * FRAGMENT_UNIT;
}

size_t
spoof_packet(const struct spoof_datagram *d, size_t mtu, size_t *at,
    uint8_t head[SPOOF_HEAD_MAX], struct bytes *part)
{
	size_t total = SPOOF_UDP_HEAD + d->payload.len, len, skip;
	struct fragment fragment = { .at = *at, .len = total, .last = true };

	fragment.whole = spoof_len(d) <= mtu;
	if (!fragment.whole) {
		fragment.last = total - fragment.at <= payload_room(d, mtu);
		fragment.len = fragment.last ? total - fragment.at
					     : payload_room(d, mtu);
	}
	len = d->src->family == ADDR_V6 ? put_v6(d, &fragment, head) :
					  put_v4(d, &fragment, head);
	/*
	 * The first fragment has the UDP header; the minimum MTU has room for
	 * it.
	 */
	skip = fragment.at == 0 ? SPOOF_UDP_HEAD : 0;
	if (skip > 0)
		put_udp(d, head + len);
	*part = (struct bytes){
		d->payload.ptr + fragment.at + skip - SPOOF_UDP_HEAD,
		fragment.len - skip
	};
	*at += fragment.len;
	return len + skip;
}
