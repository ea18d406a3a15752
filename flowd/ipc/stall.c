/* Detection of stalled clients; see stall.h. */
#include <stddef.h>

#include "stall.h"

void
stall_begin(struct stall *p, int64_t delivered, int64_t now_ms)
{
	*p = (struct stall){ .delivered = delivered, .delivered_ms = now_ms,
		.first = delivered, .first_ms = now_ms };
}

/* The clock starts when data begins to wait for the client. */
void
stall_update(struct stall *p, int64_t delivered, bool waits, int64_t now_ms)
{
	if (!waits || !p->waits) {
		stall_begin(p, delivered, now_ms);
		p->waits = waits;
	} else if (delivered > p->delivered) {
		if (now_ms - p->delivered_ms > p->gap_ms)
			p->gap_ms = now_ms - p->delivered_ms;
		p->delivered = delivered;
		p->delivered_ms = now_ms;
	}
}

int64_t
stall_end_ms(const struct stall *p)
{
	return p->waits ? p->delivered_ms + STALL_MS : -1;
}

static bool
stall_has_stalled(const struct stall *p, int64_t now_ms)
{
	int64_t ms = now_ms - p->delivered_ms;

	return ms >= STALL_YIELD_MS && ms > 2 * p->gap_ms;
}

static bool
stall_is_behind(const struct stall *p, int64_t now_ms)
{
	return now_ms - p->first_ms >= STALL_BEHIND_MS;
}

/* May the worst client be replaced? */
static bool
stall_yields(const struct stall *p, int64_t now_ms)
{
	return p->waits && (stall_has_stalled(p, now_ms) ||
	    stall_is_behind(p, now_ms));
}

/* Octets per second since data began to wait. */
static int64_t
stall_rate(const struct stall *p, int64_t now_ms)
{
	const int64_t second_ms = 1000;

	return (p->delivered - p->first) * second_ms /
	    (now_ms - p->first_ms + 1);
}

static bool
stall_is_worse(const struct stall *a, const struct stall *b, int64_t now_ms)
{
	bool a_stalled = stall_has_stalled(a, now_ms);
	bool a_behind = stall_is_behind(a, now_ms);

	if (a_stalled != stall_has_stalled(b, now_ms))
		return a_stalled;
	if (a_stalled)
		return a->delivered_ms < b->delivered_ms;
	if (a_behind != stall_is_behind(b, now_ms))
		return !a_behind;
	return stall_rate(a, now_ms) < stall_rate(b, now_ms);
}

void
stall_compare(struct stall_worst *worst, const struct stall *s, void *owner,
    int64_t now_ms)
{
	if (worst->stall == NULL || stall_is_worse(s, worst->stall, now_ms))
		*worst = (struct stall_worst){ s, owner };
}

void *
stall_victim(const struct stall_worst *worst, int64_t now_ms)
{
	return worst->stall != NULL && stall_yields(worst->stall, now_ms)
	    ? worst->owner : NULL;
}
