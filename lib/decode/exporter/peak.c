/* Peaks of sequence counters; see peak.h. Test: test_peak.c. */
#include "peak.h"
#include "session.h"

static void
peak_max(uint64_t *peak, uint64_t now)
{
	/* Uncertain counters may be negative for a while. */
	if ((int64_t)now > (int64_t)*peak)
		*peak = now;
}

void
peak_raise(struct sequence_peak *peak, const struct decode_counters *c)
{
	peak_max(&peak->lost, c->lost);
	peak_max(&peak->late, c->late);
	peak_max(&peak->repeated, c->repeated);
	peak_max(&peak->restarts, c->restarts);
}

void
peak_add(struct sequence_peak *sum, const struct sequence_peak *more)
{
	sum->lost += more->lost;
	sum->late += more->late;
	sum->repeated += more->repeated;
	sum->restarts += more->restarts;
}

void
peak_put(const struct sequence_peak *peak, struct decode_counters *c)
{
	c->lost = peak->lost;
	c->late = peak->late;
	c->repeated = peak->repeated;
	c->restarts = peak->restarts;
}

struct decode_counters
exporter_peaks(struct exporter *x)
{
	struct decode_counters c = exporter_counters(x);

	peak_raise(&x->peak, &c);
	peak_put(&x->peak, &c);
	return c;
}
