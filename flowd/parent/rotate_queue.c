/* Pending rotate orders; see rotate_queue.h. */
#include <string.h>

#include "rotate_queue.h"

bool
rotate_queue_add(struct rotate_queue *h, uint32_t serial, uint64_t slots,
    int64_t now_ms)
{
	if (h->n == ROTATE_QUEUE_MAX)
		return false;
	h->list[h->n++] = (struct rotate_request){ .serial = serial,
		.slots = slots, .end_ms = now_ms + ROTATE_WAIT_MS };
	return true;
}

void
rotate_queue_settle(struct rotate_queue *h, uint64_t pending)
{
	for (size_t i = 0; i < h->n; i++)
		h->list[i].slots &= pending;
}

bool
rotate_queue_next(
    struct rotate_queue *h, int64_t now_ms, struct rotate_request *order)
{
	for (size_t i = 0; i < h->n; i++) {
		struct rotate_request *o = &h->list[i];

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
rotate_queue_forget(struct rotate_queue *h)
{
	h->n = 0;
}

int64_t
rotate_queue_end_ms(const struct rotate_queue *h)
{
	return h->n > 0 ? h->list[0].end_ms : 0;
}
