/*
 * Reassembly of IP fragments.
 *
 * Fragments may arrive in any order and repeatedly. Overlapping fragments that
 * are not identical discard their packet (RFC 5722), as do fragments that
 * contradict each other about its end. At most REASSEMBLY_MAX packets of 65,535
 * octets are held, each for REASSEMBLY_AGE_NS of capture time; the oldest are
 * discarded.
 *
 * capture.c uses it.
 * Test: test/unit/capture/test_reassembly.c.
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
 * Raises fragments and incomplete in counters, which is borrowed. Returns NULL
 * when out of memory.
 */
struct reassembly *reassembly_new(struct capture_counters *counters);
void reassembly_free(struct reassembly *r);

/*
 * Adds a fragment. PACKET_GOOD: it was the last one missing; p becomes the
 * whole packet, its payload borrowed until the next call, with p->fragment
 * still set. The caller counts the last fragment; the others have been counted.
 * PACKET_HELD: kept, or discarded and counted. PACKET_DAMAGED: it is not a
 * valid fragment.
 */
enum packet_fate
reassembly_add(struct reassembly *r, struct ip_packet *p, int64_t time_ns);

/* Counts and discards all incomplete packets at the end of a capture. */
void reassembly_finish(struct reassembly *r);

#endif
