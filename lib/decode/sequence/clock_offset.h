/*
 * The offset between an exporter's clock and ours, from header times and
 * receive times.
 *
 * Headers of NetFlow 9 and IPFIX, and of some exporters of other versions, have
 * whole seconds: a time may be up to a second older than the datagram. So the
 * offset is a range. It narrows with datagrams sent at other fractions of a
 * second, and starts again when a datagram does not fit, because a clock was
 * set.
 *
 * decode.c uses it.
 * Test: test/unit/decode/test_clock_offset.c.
 */
#ifndef FLOWD_CLOCK_OFFSET_H
#define FLOWD_CLOCK_OFFSET_H

#include <stdbool.h>
#include <stdint.h>

struct clock_offset {
	bool known;
	int64_t least_ns, most_ns;	/* negative: behind */
};

/*
 * Adds a datagram with this header time, received at recv_ns. whole: the header
 * has no fraction of a second.
 */
void clock_offset_note(struct clock_offset *o, int64_t export_ns, bool whole,
    int64_t recv_ns);
/* The offset that is certain; 0 if the clocks may agree. */
int64_t clock_offset_certain(const struct clock_offset *o);

#endif
