/* Pending reload orders; see reload_queue.h. */
#include <string.h>

#include "reload_queue.h"

bool
reload_queue_add(struct reload_queue *o, uint32_t serial)
{
	if (o->n == RELOAD_QUEUE_MAX)
		return false;
	o->serials[o->n++] = serial;
	return true;
}

void
reload_queue_begin(struct reload_queue *o)
{
	o->now = o->n;
}

size_t
reload_queue_end(struct reload_queue *o, uint32_t serials[RELOAD_QUEUE_MAX])
{
	size_t n = o->now;

	memcpy(serials, o->serials, n * sizeof(serials[0]));
	o->n -= n;
	memmove(o->serials, o->serials + n, o->n * sizeof(serials[0]));
	o->now = 0;
	return n;
}

void
reload_queue_forget(struct reload_queue *o)
{
	o->n = o->now = 0;
}
