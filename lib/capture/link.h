/*
 * Link layers: what stands in front of the IP header in a captured frame.
 *
 * Called by capture.c. Test: test/unit/capture/test_link.c.
 */
#ifndef FLOWD_LINK_H
#define FLOWD_LINK_H

#include "packet.h"
#include "wire.h"

/*
 * Moves the cursor from the start of a frame to its IP header. Returns
 * PACKET_GOOD, PACKET_FOREIGN or PACKET_DAMAGED.
 */
typedef enum packet_fate link_strip(struct wire *w);

/* For a link layer in libpcap's numbering (DLT_*), or NULL: not known. */
link_strip *link_find(int dlt);

#endif
