/*
 * What becomes of a captured packet on its way from the link layer to UDP.
 * Each layer says one of these; the first that is not PACKET_GOOD ends the
 * way, and names the counter that is raised.
 */
#ifndef FLOWD_PACKET_H
#define FLOWD_PACKET_H

enum packet_fate {
	PACKET_GOOD,	/* go on with the next layer */
	PACKET_FOREIGN,	/* not on the way to UDP */
	PACKET_DAMAGED,	/* shorter than it says, or it makes no sense */
	PACKET_HELD	/* a fragment: reassembly has it and counts it */
};

#endif
