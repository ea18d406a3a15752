/* Export datagrams as callers pass them to a decoder. */
#ifndef FLOWD_DATAGRAM_H
#define FLOWD_DATAGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "wire.h"

struct datagram {
	struct bytes payload; /* of the UDP datagram; borrowed until decoded */
	struct addr src; /* the exporter, in the address family received */
	uint16_t port;		/* source port */
	int64_t recv_ns;	/* receive time */
};

/* A datagram of an unsupported protocol or version. */
struct unsupported {
	bool seen;
	bool sflow;
	uint16_t version;		/* if not sFlow */
};

#endif
