/* The order of keys; see key_order.h. */
#include "key_order.h"

#define ORDER(a, b) ((a) < (b) ? -1 : (a) > (b))

/* Values of one kind are compared; of these there is the first. */
static unsigned
value_class(const struct aggregate_value *v)
{
	if (v->kind == VALUE_NONE)
		return 0;
	return v->kind == VALUE_ADDR && v->addr.family == ADDR_V6 ? 2 : 1;
}

int
key_order_values(
    const struct aggregate_value *a, const struct aggregate_value *b)
{
	unsigned class = value_class(a);

	if (class != value_class(b))
		return ORDER(class, value_class(b));
	if (class == 0)
		return 0;
	if (class == 2)
		return a->addr.v6.hi != b->addr.v6.hi
		    ? ORDER(a->addr.v6.hi, b->addr.v6.hi)
		    : ORDER(a->addr.v6.lo, b->addr.v6.lo);
	if (a->kind == VALUE_ADDR)
		return ORDER(a->addr.v4, b->addr.v4);
	return a->kind == VALUE_TIME ? ORDER(a->ns, b->ns)
				     : ORDER(a->uint, b->uint);
}

int
key_order_rows(const struct aggregate_result *a, size_t arow,
    const struct aggregate_result *b, size_t brow, unsigned first)
{
	struct aggregate_value x, y;
	int c = 0;

	for (unsigned i = first; i < a->key.nparts && c == 0; i++) {
		aggregate_key(a, arow, i, &x);
		aggregate_key(b, brow, i, &y);
		c = key_order_values(&x, &y);
	}
	return c;
}
