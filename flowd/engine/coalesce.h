/*
 * Receive coalescing: fewer wakeups at high rates.
 *
 * Waking up for every few datagrams costs more than receiving them. When they
 * arrive in quick succession the loop sleeps for some milliseconds before it
 * polls again, while the socket buffers fill, and then reads many datagrams per
 * call. At low rates it does not sleep. How long it may sleep follows from the
 * size of the receive buffer: at the highest possible rate only a part of it
 * fills meanwhile.
 *
 * Called by engine.c and engine_receive.c. Test:
 * test/unit/flowd/engine/test_coalesce.c.
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

/*
 * rcvbuf is the size of the smallest receive buffer, in octets as sock_rcvbuf()
 * returns it.
 */
void coalesce_init(struct coalesce *p, uint32_t rcvbuf);

/*
 * All datagrams that had arrived are decoded: how many milliseconds to sleep, 0
 * for none. n counts all datagrams received since the start; now_ns is
 * clock_monotonic_ns().
 */
int coalesce_after(struct coalesce *p, uint64_t n, int64_t now_ns);

#endif
