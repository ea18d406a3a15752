/* What a decoder is given. */
#ifndef FLOWD_DATAGRAM_H
#define FLOWD_DATAGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "wire.h"

struct datagram {
	struct bytes payload;	/* of the UDP datagram, borrowed until done */
	struct addr src;	/* the exporter; of the address family it used */
	uint16_t port;		/* its UDP port */
	int64_t recv_ns;	/* when it was received */
};

/* A datagram of a protocol or version that is not read. */
struct unsupported {
	bool seen;
	bool sflow;
	uint16_t version;		/* else */
};

#endif
