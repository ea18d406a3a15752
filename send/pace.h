/*
 * Pacing: sends a number of datagrams per second at even intervals, or with the
 * intervals of a capture.
 *
 * Called by send.c.
 */
#ifndef FLOWD_SEND_PACE_H
#define FLOWD_SEND_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
	uint64_t rate;	/* datagrams a second; 0: no waiting */
	int64_t begin_ns;	/* start of the count, monotonic */
	uint64_t count;	/* datagrams since then */
	bool has_first;
	int64_t first_ns;	/* time of the first, in the capture */
};

void pace_init(struct pace *p, uint64_t rate);

/*
 * The number of datagrams to send at once: those due every quarter of a
 * millisecond, from 1 to max. Waking up more often costs more than it smooths.
 */
unsigned pace_burst(const struct pace *p, unsigned max);

/* Wait until n more datagrams are due. Ends early on a signal. */
void pace_wait(struct pace *p, unsigned n);

/*
 * Wait until a datagram is due that the capture has at time_ns. One that is
 * earlier than the one before it begins anew: another capture, a loop.
 */
void pace_wait_for(struct pace *p, int64_t time_ns);

/* A clock that is never set, in nanoseconds. */
int64_t pace_clock(void);

#endif
