/*
 * Packets and capture files in memory, for the tests of lib/capture. A
 * packet grows from its front to its end; nothing is checked here, so that
 * every lie can be told.
 */
#ifndef FLOWD_TEST_PACKETS_H
#define FLOWD_TEST_PACKETS_H

#include <stdint.h>
#include <string.h>

#include "endian_be.h"
#include "wire.h"

enum {
	MORE = 0x2000,	/* IPv4: more fragments */
	UDP = 17,
	TCP = 6
};

struct packet {
	size_t len;
	uint8_t octet[70000];
};

static inline void
packet_put(struct packet *p, const void *data, size_t len)
{
	memcpy(p->octet + p->len, data, len);
	p->len += len;
}

static inline void
packet_put16(struct packet *p, unsigned v)
{
	store_be16(p->octet + p->len, (uint16_t)v);
	p->len += 2;
}

static inline void
packet_put32(struct packet *p, uint32_t v)
{
	store_be32(p->octet + p->len, v);
	p->len += 4;
}

/* len octets that tell where they are. */
static inline void
put_pattern(struct packet *p, size_t from, size_t len)
{
	for (size_t i = from; i < from + len; i++)
		p->octet[p->len++] = (uint8_t)(i * 7 + i / 256);
}

static inline struct bytes
packet_bytes(const struct packet *p)
{
	return (struct bytes) { p->octet, p->len };
}

static inline void
put_ethernet(struct packet *p, unsigned ethertype)
{
	packet_put(p, "\x02\0\0\0\0\1\x02\0\0\0\0\2", 12);
	packet_put16(p, ethertype);
}

/* From 192.0.2.1 to 192.0.2.2; payload_len octets are to follow. */
static inline void
put_ip4(struct packet *p, unsigned protocol, unsigned id, unsigned fragment,
    size_t payload_len)
{
	packet_put16(p, 0x4500);
	packet_put16(p, 20 + (unsigned)payload_len);
	packet_put16(p, id);
	packet_put16(p, fragment);
	packet_put16(p, 64 << 8 | protocol);
	packet_put16(p, 0);
	packet_put32(p, 0xc0000201);
	packet_put32(p, 0xc0000202);
}

/* From 2001:db8::1 to 2001:db8::2. */
static inline void
put_ip6(struct packet *p, unsigned next, size_t payload_len)
{
	packet_put32(p, UINT32_C(6) << 28);
	packet_put16(p, (unsigned)payload_len);
	packet_put16(p, next << 8 | 64);
	packet_put(p, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	packet_put(p, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2", 16);
}

/* The fragment header of IPv6; offset in octets. */
static inline void
put_fragment6(struct packet *p, unsigned next, unsigned offset, unsigned more,
    uint32_t id)
{
	packet_put16(p, next << 8);
	packet_put16(p, offset | more);
	packet_put32(p, id);
}

/* Ports 4000 and 2055. */
static inline void
put_udp(struct packet *p, size_t payload_len)
{
	packet_put16(p, 4000);
	packet_put16(p, 2055);
	packet_put16(p, 8 + (unsigned)payload_len);
	packet_put16(p, 0);
}

static inline void
put_udp4(struct packet *p, size_t payload_len)
{
	put_ip4(p, UDP, 1, 0, 8 + payload_len);
	put_udp(p, payload_len);
	put_pattern(p, 0, payload_len);
}

/* The head of a capture file with nanoseconds, of a LINKTYPE_*. */
static inline void
put_pcap_head(struct packet *file, uint32_t linktype)
{
	packet_put32(file, 0xa1b23c4d);
	packet_put32(file, 2 << 16 | 4);
	packet_put32(file, 0);
	packet_put32(file, 0);
	packet_put32(file, 65535);
	packet_put32(file, linktype);
}

/* A packet of the file, of which only the first caplen octets are there. */
static inline void
put_pcap_cut(struct packet *file, const struct packet *p, size_t caplen,
    uint32_t sec)
{
	packet_put32(file, sec);
	packet_put32(file, 5);
	packet_put32(file, (uint32_t)caplen);
	packet_put32(file, (uint32_t)p->len);
	packet_put(file, p->octet, caplen);
}

static inline void
put_pcap(struct packet *file, const struct packet *p, uint32_t sec)
{
	put_pcap_cut(file, p, p->len, sec);
}

#endif
