/* Expressions; see expr.h. Test: test/unit/filter/test_ruleset.c. */
#include <inttypes.h>
#include <string.h>

#include "expr.h"

void
expr_each(const struct expr *e,
    void (*fn)(const struct expr *test, void *arg), void *arg)
{
	switch (e->kind) {
	case EXPR_NOT:
		expr_each(e->left, fn, arg);
		break;
	case EXPR_AND:
	case EXPR_OR:
		expr_each(e->left, fn, arg);
		expr_each(e->right, fn, arg);
		break;
	default:
		fn(e, arg);
		break;
	}
}

bool
expr_numbers_search(const struct expr *e, uint64_t v)
{
	size_t i = 0, end = e->nplaces;

	while (i < end) {
		size_t middle = i + (end - i) / 2;

		if (e->places[middle] <= v)
			i = middle + 1;
		else
			end = middle;
	}
	return i & 1;
}

bool
expr_leaf_equal(const struct expr *a, const struct expr *b)
{
	if (a->kind != b->kind || a->col != b->col)
		return false;
	switch (a->kind) {
	case EXPR_RANGE:
		return a->lo == b->lo && a->hi == b->hi;
	case EXPR_NUMBERS:
		return a->nplaces == b->nplaces &&
		    memcmp(a->places, b->places,
			a->nplaces * sizeof(*a->places)) == 0;
	case EXPR_MASKED:
		return a->lo == b->lo && a->hi == b->hi && a->mask == b->mask;
	case EXPR_PREFIX:
		return a->prefix.len == b->prefix.len &&
		    addr_equal(&a->prefix.addr, &b->prefix.addr);
	case EXPR_SET:
		return a->set == b->set;
	case EXPR_FAMILY:
		return a->family == b->family;
	default:
		return true;
	}
}

static bool
is_time(unsigned col)
{
	return !column_is_derived(col) && column_info[col].type == COLUMN_TIME;
}

static void
print_range(const struct expr *e, struct buf *out)
{
	if (is_time(e->col))
		buf_printf(out, "in %" PRId64 "-%" PRId64,
		    (int64_t)(e->lo ^ EXPR_TIME_BIAS),
		    (int64_t)(e->hi ^ EXPR_TIME_BIAS));
	else if (e->lo == e->hi)
		buf_printf(out, "= %" PRIu64, e->lo);
	else
		buf_printf(out, "in %" PRIu64 "-%" PRIu64, e->lo, e->hi);
}

void
expr_print_leaf(const struct expr *e, struct buf *out)
{
	char text[ADDR_TEXT_MAX];

	buf_printf(out, "%s ", filter_column_name(e->col));
	switch (e->kind) {
	case EXPR_RANGE:
		print_range(e, out);
		break;
	case EXPR_NUMBERS:
		buf_printf(out, "in a list of %zu borders", e->nplaces);
		break;
	case EXPR_MASKED:
		buf_printf(out, "& 0x%" PRIx64 " in 0x%" PRIx64 "-0x%" PRIx64,
		    e->mask, e->lo, e->hi);
		break;
	case EXPR_PREFIX:
		buf_printf(out, "in %.*s/%u",
		    (int)addr_format(&e->prefix.addr, text), text,
		    e->prefix.len);
		break;
	case EXPR_SET:
		buf_printf(out, "in a set of %zu borders",
		    e->set->v4.n + e->set->v6.n);
		break;
	case EXPR_FAMILY:
		buf_printf(out, "of %s",
		    e->family == ADDR_V6 ? "inet6" : "inet");
		break;
	case EXPR_HAS:
		buf_append_text(out, "there");
		break;
	default:
		break;
	}
}
