/*
 * Link layers: what precedes the IP header in a captured frame.
 *
 * capture.c uses it.
 * Test: test/unit/capture/test_link.c.
 */
#ifndef FLOWD_LINK_H
#define FLOWD_LINK_H

#include "packet.h"
#include "wire.h"

/*
 * Moves the cursor from the start of a frame to its IP header. Returns
 * PACKET_GOOD, PACKET_NOT_UDP or PACKET_DAMAGED.
 */
typedef enum packet_fate link_strip(struct wire *w);

/* The function for a link layer (DLT_* of libpcap), or NULL if unsupported. */
link_strip *link_find(int dlt);

#endif
