/*
 * How far the clock of an exporter is ahead of ours, by the times in its
 * headers and when they were received.
 *
 * NetFlow 9 and IPFIX have whole seconds there, as have some exporters of the
 * others: such a time may be up to a second older than the datagram. So what
 * is known is a range. It becomes narrower as datagrams come from elsewhere in
 * a second, and is made anew when one does not fit: a clock was set.
 *
 * Called by decode.c. Test: test/unit/decode/test_clock_offset.c.
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
 * A datagram with this time in its header was received at recv_ns. whole: the
 * header has seconds and no parts of them.
 */
void clock_offset_note(struct clock_offset *o, int64_t export_ns, bool whole,
    int64_t recv_ns);
/* By how much it is off for certain: 0 where it may be right. */
int64_t clock_offset_certain(const struct clock_offset *o);

#endif
