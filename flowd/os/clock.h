/*
 * Clocks, and timeouts of poll(2). Called by most event loops. Test:
 * test/unit/flowd/os/test_clock.c.
 */
#ifndef FLOWD_CLOCK_H
#define FLOWD_CLOCK_H

#include <stdint.h>

/* Monotonic clock, in milliseconds and nanoseconds. */
int64_t clock_monotonic_ms(void);
int64_t clock_monotonic_ns(void);
/* Wall clock: nanoseconds since 1970. It may be set. */
int64_t clock_real_ns(void);

/* The shorter of two timeouts of poll(2), where -1 is none. */
static inline int
timeout_min(int a, int b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

#endif
