/*
 * IP packets down to the UDP datagram in them. All lengths are untrusted.
 * Called by capture.c. Test: test/unit/capture/test_ip.c.
 */
#ifndef FLOWD_IP_H
#define FLOWD_IP_H

#include "addr.h"
#include "capture.h"
#include "wire.h"

enum ip_result {
	IP_DATAGRAM,	/* done: a whole one */
	IP_FRAGMENT,	/* a part of one */
	IP_NOT_UDP,	/* something else */
	IP_TRUNCATED	/* cut, or its lengths do not agree */
};

/* An IP packet without its headers. */
struct ip_packet {
	struct addr src, dst;
	uint8_t protocol;
	struct bytes payload;
	/* Fragments: which datagram, where in it, whether more follow. */
	uint32_t id;
	uint32_t offset;
	bool more;
};

/* IPv4 or IPv6, by the version in the packet: IP_DATAGRAM if it is whole. */
enum ip_result ip_parse(struct bytes packet, struct ip_packet *ip);

/* The UDP datagram of a whole IP packet; time is not touched. */
enum ip_result udp_parse(const struct ip_packet *ip,
    struct capture_datagram *d);

#endif
