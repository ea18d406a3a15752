/*
 * Link layers: how to get from a captured packet to its IP packet. One row
 * for each; called by capture.c. Test: test/unit/capture/test_link.c.
 */
#ifndef FLOWD_LINK_H
#define FLOWD_LINK_H

#include "ip.h"

struct link_layer {
	int dlt;		/* libpcap's number of it */
	/* Take its headers off; IP_DATAGRAM, or why there is no IP packet. */
	enum ip_result (*strip)(struct bytes *packet);
};

/* NULL when it is not known. */
const struct link_layer *link_find(int dlt);

#endif
