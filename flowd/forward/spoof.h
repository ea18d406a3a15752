/*
 * Packets with the exporter's address: a UDP datagram is written as IP
 * packets, IPv4 or IPv6, with their checksums, in fragments where it is longer
 * than a packet may be (RFC 791, 768, 8200).
 *
 * Computes only; rawsock.h sends. Called by forward.c.
 * Tests: test/unit/flowd/forward/test_spoof.c,
 * test/program/flowd/test_forward.py.
 */
#ifndef FLOWD_SPOOF_H
#define FLOWD_SPOOF_H

#include "ast.h"
#include "wire.h"

enum {
	SPOOF_HEAD_MAX = 40 + 8 + 8, /* IPv6, fragment, UDP */
	SPOOF_UDP_HEAD = 8
};

struct spoof_datagram {
	const struct addr *src, *dst; /* of one family */
	uint16_t src_port, dst_port;
	struct bytes payload;
	uint32_t ident; /* a new one for each fragmented datagram */
};

/* Length of the packet when the datagram is not fragmented. */
size_t spoof_len(const struct spoof_datagram *d);

/*
 * Write the head of the next packet of at most mtu octets. at, 0 at first,
 * is how many octets of UDP header and payload the packets before hold; it is
 * moved on, and the datagram is done when it is SPOOF_UDP_HEAD +
 * d->payload.len. part is the piece of the payload that follows the head.
 * Returns the length of the head.
 */
size_t spoof_packet(const struct spoof_datagram *d, size_t mtu, size_t *at,
    uint8_t head[SPOOF_HEAD_MAX], struct bytes *part);

#endif
