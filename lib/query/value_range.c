/* Minimum and maximum of a column; see value_range.h. */
#include "value_range.h"

/* Compares as the type says: times are signed. */
static bool
is_less(unsigned type, uint64_t a, uint64_t b)
{
	return type == COLUMN_TIME ? (int64_t)a < (int64_t)b : a < b;
}

static bool
is_less6(const struct addr6 *a, const struct addr6 *b)
{
	return a->hi != b->hi ? a->hi < b->hi : a->lo < b->lo;
}

static void
value_range_add_addrs(struct value_range *e, const struct block_column *c)
{
	if (c->flags & ENTRY_V4) {
		if (!e->some4 || c->min4 < e->min4)
			e->min4 = c->min4;
		if (!e->some4 || c->max4 > e->max4)
			e->max4 = c->max4;
		e->some4 = true;
	}
	if (c->flags & ENTRY_V6) {
		if (!e->some6 || is_less6(&c->min6, &e->min6))
			e->min6 = c->min6;
		if (!e->some6 || is_less6(&e->max6, &c->max6))
			e->max6 = c->max6;
		e->some6 = true;
	}
}

void
value_range_add(struct value_range *e, const struct block_column *c)
{
	if (c->type == COLUMN_ADDR) {
		value_range_add_addrs(e, c);
		return;
	}
	if (c->type == COLUMN_BYTES)
		return;
	if (!e->some || is_less(c->type, c->min, e->min))
		e->min = c->min;
	if (!e->some || is_less(c->type, e->max, c->max))
		e->max = c->max;
	e->some = true;
}
