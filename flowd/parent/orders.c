/* Orders that wait; see orders.h. */
#include <string.h>

#include "orders.h"

bool
orders_add(struct orders *o, uint32_t serial)
{
	if (o->n == ORDERS)
		return false;
	o->serials[o->n++] = serial;
	return true;
}

void
orders_begin(struct orders *o)
{
	o->now = o->n;
}

size_t
orders_end(struct orders *o, uint32_t serials[ORDERS])
{
	size_t n = o->now;

	memcpy(serials, o->serials, n * sizeof(serials[0]));
	o->n -= n;
	memmove(o->serials, o->serials + n, o->n * sizeof(serials[0]));
	o->now = 0;
	return n;
}

void
orders_forget(struct orders *o)
{
	o->n = o->now = 0;
}
