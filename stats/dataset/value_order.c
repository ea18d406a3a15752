/* The order of values; see value_order.h. */
#include <math.h>

#include "octets_pool.h"
#include "value_order.h"

#define ORDER(a, b) ((a) < (b) ? -1 : (a) > (b))

/* Values of one class are compared; the classes are in this order. */
enum value_class {
	CLASS_NONE,
	CLASS_NUMBER, /* integers, reals, times, IPv4 addresses */
	CLASS_V6
};

static enum value_class
value_class(const struct aggregate_value *v)
{
	if (v->kind == VALUE_NONE)
		return CLASS_NONE;
	return v->kind == VALUE_ADDR && v->addr.family == ADDR_V6
	    ? CLASS_V6
	    : CLASS_NUMBER;
}

static int
value_order_addr6(const struct addr6 *a, const struct addr6 *b)
{
	return a->hi != b->hi ? ORDER(a->hi, b->hi) : ORDER(a->lo, b->lo);
}

int
value_order(const struct aggregate_value *a, const struct aggregate_value *b)
{
	enum value_class class = value_class(a);

	if (a->named && b->named)
		return ORDER(a->number, b->number);
	if (class != value_class(b))
		return ORDER(class, value_class(b));
	switch ((enum aggregate_kind)a->kind) {
	case VALUE_NONE:
		return 0;
	case VALUE_UINT:
		return ORDER(a->uint, b->uint);
	case VALUE_REAL:
		return ORDER(a->real, b->real);
	case VALUE_TIME:
	case VALUE_NS:
		return ORDER(a->ns, b->ns);
	case VALUE_OCTETS:
		return octets_compare(a->octets, b->octets);
	case VALUE_ADDR:
	case VALUE_TEXT:
		break;
	}
	return class == CLASS_V6 ? value_order_addr6(&a->addr.v6, &b->addr.v6)
				 : ORDER(a->addr.v4, b->addr.v4);
}

int
value_order_rows(const struct aggregate_result *a, size_t arow,
    const struct aggregate_result *b, size_t brow, unsigned first)
{
	struct aggregate_value x, y;
	int order = 0;

	for (unsigned i = first; i < a->key.nparts && order == 0; i++) {
		aggregate_key(a, arow, i, &x);
		aggregate_key(b, brow, i, &y);
		order = value_order(&x, &y);
	}
	return order;
}

int
value_change(const struct aggregate_value *now,
    const struct aggregate_value *before, struct aggregate_value *by)
{
	int sign = value_order(now, before);
	uint64_t more = sign > 0 ? now->uint : before->uint;
	uint64_t less = sign > 0 ? before->uint : now->uint;

	*by = (struct aggregate_value) { .kind = now->kind,
		.estimate = now->estimate || before->estimate };
	if (now->kind == VALUE_REAL)
		by->real = fabs(now->real - before->real);
	else if (now->kind == VALUE_UINT)
		by->uint = more - less;
	else
		by->ns = sign > 0 ? now->ns - before->ns
				  : before->ns - now->ns;
	return sign;
}
