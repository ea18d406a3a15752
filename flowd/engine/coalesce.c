/* Receive coalescing; see coalesce.h. */
#include "coalesce.h"

enum {
	/*
	 * Buffer octets that allow a sleep of 1 ms. At a million datagrams per
	 * second, each of which Linux charges with about 1,150 octets of the
	 * buffer, 1.2 MB fill in a ms; the rest is reserve for bursts.
	 */
	OCTETS_PER_MS = 4 * 1024 * 1024,
	WORTHWHILE = 8 /* expected datagrams that justify a sleep */
};

static const int64_t ms_ns = 1000000;

void
coalesce_init(struct coalesce *p, uint32_t rcvbuf)
{
	uint32_t ms = rcvbuf / OCTETS_PER_MS;

	*p = (struct coalesce){
		.most_ms = ms < COALESCE_MS_MAX ? (int)ms : COALESCE_MS_MAX
	};
}

int
coalesce_after(struct coalesce *p, uint64_t n, int64_t now_ns)
{
	int64_t gap_ns = now_ns - p->last_ns;
	double expected;

	if (gap_ns <= 0)
		gap_ns = 1;
	expected = (double)(n - p->last_n) * (double)p->most_ms *
	    (double)ms_ns / (double)gap_ns;
	p->last_ns = now_ns;
	p->last_n = n;
	return expected >= WORTHWHILE ? p->most_ms : 0;
}
