/*
 * Pauses: waking up less often when much comes in.
 *
 * To be woken for every few datagrams costs more than to receive them. When
 * they come close after one another the loop rests for some milliseconds
 * before it looks again, while the system's buffer holds them, and then takes
 * many in one call. When they are few it does not rest, so none waits. How
 * long the rest may be follows from the buffer: what comes in meanwhile, at
 * the utmost rate, takes up a part of it only.
 *
 * Called by the daemon's loop. Test: test/unit/flowd/test_coalesce.c.
 */
#ifndef FLOWD_COALESCE_H
#define FLOWD_COALESCE_H

#include <stdint.h>

enum {
	COALESCE_MS_MAX = 20
};

struct coalesce {
	int most_ms;
	int64_t last_ns;
	uint64_t last_n;
};

/* rcvbuf is the smallest receive buffer, in octets as sock_rcvbuf() says. */
void coalesce_init(struct coalesce *p, uint32_t rcvbuf);


/*
 * Everything that was there is done: how long to rest, in ms; 0 for not at
 * all. n counts all datagrams received since the start; now_ns is
 * clock_monotonic_ns().
 */
int coalesce_after(struct coalesce *p, uint64_t n, int64_t now_ns);

#endif
