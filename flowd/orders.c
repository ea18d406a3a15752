/* Orders that wait; see orders.h. */
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

void
orders_end(struct orders *o, struct answer *to, enum end_status status,
    const char *text)
{
	for (size_t i = 0; i < o->now; i++)
		answer_done(to, o->serials[i], status,
		    text[0] != '\0' ? text : NULL);
	o->n -= o->now;
	memmove(o->serials, o->serials + o->now,
	    o->n * sizeof(o->serials[0]));
	o->now = 0;
}

void
orders_forget(struct orders *o)
{
	o->n = o->now = 0;
}
