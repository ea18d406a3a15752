/*
 * IPv4 and IPv6 headers before UDP.
 *
 * Checksums are not verified: with offloading, a capture on the sending host
 * has none.
 *
 * capture.c uses it.
 * Test: test/unit/capture/test_ip.c.
 */
#ifndef FLOWD_IP_H
#define FLOWD_IP_H

#include "addr.h"
#include "packet.h"
#include "wire.h"

enum {
	IP_UDP = 17
};

/* A packet, or a fragment of one. */
struct ip_packet {
	struct addr src, dst;
	uint8_t protocol;	/* of the payload */
	struct bytes payload;	/* borrowed */
	bool fragment;	/* the members below are valid */
	bool more;	/* more fragments follow */
	uint32_t id;
	uint32_t offset;	/* octets */
};

/*
 * Removes the header. PACKET_GOOD: p is a UDP datagram or, with p->fragment
 * set, may be a fragment of one. Drops padding after the packet.
 */
enum packet_fate ip_parse(struct bytes in, struct ip_packet *p);

/*
 * Removes IPv6 extension headers from p->payload; p->protocol is the first.
 * ip_parse() calls it, and capture.c for reassembled packets, in which another
 * fragment is PACKET_DAMAGED.
 */
enum packet_fate ip_strip_extensions(struct ip_packet *p);

#endif
