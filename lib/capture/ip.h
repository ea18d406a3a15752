/*
 * IPv4 and IPv6 headers in front of UDP.
 *
 * Checksums are not looked at: hosts leave them to the network card, and a
 * capture on the host has them unset.
 *
 * Called by capture.c. Test: test/unit/capture/test_ip.c.
 */
#ifndef FLOWD_IP_H
#define FLOWD_IP_H

#include "addr.h"
#include "packet.h"
#include "wire.h"

enum {
	IP_UDP = 17
};

/* A packet, or one fragment of a packet. */
struct ip_packet {
	struct addr src, dst;
	uint8_t protocol;	/* of the payload */
	struct bytes payload;	/* borrowed */
	bool fragment;	/* the rest is meaningful */
	bool more;	/* fragments follow behind this one */
	uint32_t id;
	uint32_t offset;	/* octets */
};

/*
 * Take the header off. PACKET_GOOD: p is a UDP datagram, or, with p->fragment
 * set, a fragment of what may be one. Padding behind the packet is cut.
 */
enum packet_fate ip_parse(struct bytes in, struct ip_packet *p);

/*
 * Take IPv6 extension headers off p->payload, of which p->protocol is the
 * first. Called by ip_parse(), and again for what was put together from
 * fragments: there a fragment in a fragment is PACKET_DAMAGED.
 */
enum packet_fate ip_strip_extensions(struct ip_packet *p);

#endif
