/*
 * Puts fragments of IP packets together.
 *
 * Fragments may come in any order and more than once. Those that overlap
 * without being equal refuse their packet as a whole (RFC 5722), as do those
 * that disagree about its end. What is kept is bounded: REASSEMBLY_MAX
 * packets of at most 65,535 octets, each for REASSEMBLY_AGE_NS of capture
 * time; the oldest give way.
 *
 * Called by capture.c. Test: test/unit/capture/test_reassembly.c.
 */
#ifndef FLOWD_REASSEMBLY_H
#define FLOWD_REASSEMBLY_H

#include "ip.h"

enum {
	REASSEMBLY_MAX = 256
};

#define REASSEMBLY_AGE_NS (INT64_C(30) * 1000000000)

struct reassembly;

/*
 * counters, borrowed: fragments and incomplete are raised here. NULL when out
 * of memory.
 */
struct reassembly *reassembly_new(struct capture_counters *counters);
void reassembly_free(struct reassembly *r);

/*
 * Take a fragment. PACKET_GOOD: it was the last that was missing; p is now
 * the whole packet, its payload borrowed until the next call, and p->fragment
 * is still set. The last one is the caller's to count, the others have been.
 * PACKET_HELD: kept, or refused and counted. PACKET_DAMAGED: no fragment looks
 * like this.
 */
enum packet_fate
reassembly_add(struct reassembly *r, struct ip_packet *p, int64_t time_ns);

/* Nothing more will come: count what is not whole, and forget it. */
void reassembly_finish(struct reassembly *r);

#endif
