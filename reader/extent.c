/* Least and greatest values; see extent.h. */
#include "extent.h"
#include "text.h"

/* In the order of the type: times are signed. */
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
add_addrs(struct extent *e, const struct block_column *c)
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
extent_add(struct extent *e, const struct block_column *c)
{
	if (c->type == COLUMN_ADDR) {
		add_addrs(e, c);
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

static void
put_value(uint64_t v, unsigned type, struct buf *out)
{
	struct clock clock;
	char text[TEXT_MAX], *end;

	clock_init(&clock, true);
	if (type == COLUMN_TIME)
		end = text_rfc3339(text, &clock, (int64_t)v);
	else if (type == COLUMN_MAC)
		end = text_mac(text, v);
	else
		end = text_u64(text, v);
	buf_append(out, text, (size_t)(end - text));
}

static void
put_addrs(const struct addr *min, const struct addr *max, struct buf *out)
{
	char text[ADDR_TEXT_MAX];

	buf_append_char(out, ' ');
	buf_append(out, text, addr_format(min, text));
	if (addr_equal(min, max))
		return;
	buf_append_text(out, " to ");
	buf_append(out, text, addr_format(max, text));
}

void
extent_put(
    const struct extent *e, unsigned type, int indent, struct buf *out)
{
	struct addr min, max;

	if (e->some) {
		buf_append_char(out, ' ');
		put_value(e->min, type, out);
		if (e->min != e->max) {
			buf_append_text(out, " to ");
			put_value(e->max, type, out);
		}
	}
	if (e->some4) {
		min = addr_from_v4(e->min4);
		max = addr_from_v4(e->max4);
		put_addrs(&min, &max, out);
	}
	if (e->some4 && e->some6)
		buf_printf(out, "\n%*s", indent, "");
	if (e->some6) {
		min = addr_from_v6(e->min6);
		max = addr_from_v6(e->max6);
		put_addrs(&min, &max, out);
	}
}
