/* Orders that wait for the keeper; see handover.h. */
#include <string.h>

#include "handover.h"

bool
handover_add(struct handover *h, uint32_t serial, uint64_t slots,
    int64_t now_ms)
{
	if (h->n == HANDOVER_ORDERS)
		return false;
	h->list[h->n++] = (struct handover_order){ .serial = serial,
		.slots = slots, .end_ms = now_ms + HANDOVER_MS };
	return true;
}

void
handover_settle(struct handover *h, uint64_t pending)
{
	for (size_t i = 0; i < h->n; i++)
		h->list[i].slots &= pending;
}

bool
handover_next(
    struct handover *h, int64_t now_ms, struct handover_order *order)
{
	for (size_t i = 0; i < h->n; i++) {
		struct handover_order *o = &h->list[i];

		if (o->slots != 0 && now_ms < o->end_ms)
			continue;
		*order = *o;
		h->n--;
		memmove(o, o + 1, (h->n - i) * sizeof(*o));
		return true;
	}
	return false;
}

void
handover_forget(struct handover *h)
{
	h->n = 0;
}

int64_t
handover_end_ms(const struct handover *h)
{
	return h->n > 0 ? h->list[0].end_ms : 0;
}
