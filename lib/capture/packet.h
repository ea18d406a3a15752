/*
 * What becomes of a captured packet on its way from the link layer to UDP.
 * Each layer says one of these; the first that is not PACKET_GOOD ends the
 * way, and names the counter that is raised.
 */
#ifndef FLOWD_PACKET_H
#define FLOWD_PACKET_H

#include <stdint.h>

enum packet_fate {
	PACKET_GOOD,	/* go on with the next layer */
	PACKET_NOT_UDP,	/* not on the way to UDP */
	PACKET_DAMAGED,	/* shorter than it says, or it makes no sense */
	PACKET_HELD	/* a fragment: reassembly has it and counts it */
};

/*
 * What became of the packets; each is counted once besides packets, when its
 * fate is known: at the end of the file packets is the sum of the others.
 */
struct capture_counters {
	uint64_t packets;	/* packets read from the file */
	uint64_t datagrams;	/* UDP datagrams handed out */
	uint64_t fragments;	/* that became part of a packet, but for the
				 * last one, which counts as that packet */
	uint64_t not_udp;	/* other protocols, ARP, unknown link layers */
	uint64_t truncated;	/* cut by the snapshot length, or damaged */
	uint64_t incomplete;	/* fragments whose datagram never was whole */
};

#endif
