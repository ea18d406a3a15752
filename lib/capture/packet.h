/*
 * The fate of a captured packet on its way from the link layer to UDP. Each
 * layer returns one; the first other than PACKET_GOOD is final and selects the
 * counter.
 */
#ifndef FLOWD_PACKET_H
#define FLOWD_PACKET_H

#include <stdint.h>

enum packet_fate {
	PACKET_GOOD,	/* continue with the next layer */
	PACKET_NOT_UDP,	/* not a UDP packet */
	PACKET_DAMAGED,	/* truncated or malformed */
	PACKET_HELD	/* a fragment: reassembly keeps and counts it */
};

/*
 * The fates of packets. Each packet is counted once besides packets, as soon as
 * its fate is known: at the end of the file packets is the sum of the others.
 */
struct capture_counters {
	uint64_t packets;	/* read from the file */
	uint64_t datagrams;	/* UDP datagrams returned */
	/*
	 * merged into a packet, except the last fragment, which counts as that
	 * packet
	 */
	uint64_t fragments;
	uint64_t not_udp;	/* other protocols, ARP, unknown link layers */
	uint64_t truncated;	/* cut by the snapshot length, or damaged */
	uint64_t incomplete; /* fragments of datagrams that stayed incomplete */
};

#endif
