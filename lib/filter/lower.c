/* From conditions to expressions; see lower.h. */
#include <stdlib.h>

#include "address_list.h"
#include "lower.h"
#include "prefix_table.h"

enum {
	FEW_PREFIXES = 4, /* tested one by one */
	FEW_NUMBERS = 4,
	PROTOCOL_ICMP = 1,
	PROTOCOL_ICMP6 = 58,
	SECOND_LAST = 86399
};

static struct expr *
expr_node(struct lowering *to, enum expr_kind kind, struct expr *left,
    struct expr *right)
{
	struct expr *e = arena_alloc(to->arena, sizeof(*e));

	if (e == NULL)
		return NULL;
	e->kind = kind;
	e->left = left;
	e->right = right;
	return e;
}

static struct expr *
expr_not(struct lowering *to, struct expr *e)
{
	return e == NULL ? NULL : expr_node(to, EXPR_NOT, e, NULL);
}

/* NULL when either side is NULL: out of memory. */
static struct expr *
expr_and(struct lowering *to, enum expr_kind kind, struct expr *left,
    struct expr *right)
{
	return left == NULL || right == NULL ? NULL
					     : expr_node(to, kind, left, right);
}

static struct expr *
expr_leaf(struct lowering *to, enum expr_kind kind, unsigned col)
{
	struct expr *e = arena_alloc(to->arena, sizeof(*e));

	if (e == NULL)
		return NULL;
	e->kind = kind;
	e->col = (uint8_t)col;
	return e;
}

static struct expr *
expr_false(struct lowering *to)
{
	return expr_not(to, expr_node(to, EXPR_TRUE, NULL, NULL));
}

static uint64_t
at_most(uint64_t v, uint64_t max)
{
	return v < max ? v : max;
}

/*
 * A range whose end is below its start is empty. The end is limited to the
 * width of the column, so that tests can use that width.
 */
static struct expr *
lower_range(struct lowering *to, unsigned col, uint64_t lo, uint64_t hi)
{
	struct expr *e;

	hi = at_most(hi, filter_column_max(col));
	if (lo > hi)
		return expr_false(to);
	e = expr_leaf(to, EXPR_RANGE, col);

	if (e != NULL) {
		e->lo = lo;
		e->hi = hi;
	}
	return e;
}

static struct expr *
lower_masked(struct lowering *to, unsigned col, uint64_t mask, uint64_t lo,
    uint64_t hi)
{
	struct expr *e;

	hi = at_most(hi, filter_column_max(col));
	if (lo > hi)
		return expr_false(to);
	e = expr_leaf(to, EXPR_MASKED, col);

	if (e != NULL) {
		e->mask = mask;
		e->lo = lo;
		e->hi = hi;
	}
	return e;
}

/* The range of numbers that a value stands for; false when it is empty. */
struct span_of {
	uint64_t lo, hi;
};

static bool
value_range(const struct filter_value *v, uint64_t bias, struct span_of *r)
{
	uint64_t lo = v->lo ^ bias, hi = v->hi ^ bias;

	*r = (struct span_of){ 0, UINT64_MAX };
	switch (v->kind) {
	case VALUE_BELOW:
		r->hi = lo - 1;
		return lo != 0;
	case VALUE_AT_MOST:
		r->hi = hi;
		return true;
	case VALUE_ABOVE:
		r->lo = hi + 1;
		return hi != UINT64_MAX;
	case VALUE_AT_LEAST:
		r->lo = lo;
		return true;
	default: /* equal, range; the caller negates "not equal" */
		r->lo = lo;
		r->hi = hi;
		return lo <= hi;
	}
}

/* Makes the test of a range of numbers for a field. */
typedef struct expr *(*range_fn)(struct lowering *to, unsigned col,
    const struct filter_value *v, struct span_of r);

static struct expr *
plain_range(struct lowering *to, unsigned col, const struct filter_value *v,
    struct span_of r)
{
	(void)v;
	return lower_range(to, col, r.lo, r.hi);
}

static struct expr *
is_protocol(struct lowering *to, uint64_t number)
{
	return lower_range(to, COL_protocol, number, number);
}

static struct expr *
is_icmp(struct lowering *to)
{
	return expr_and(to, EXPR_OR, is_protocol(to, PROTOCOL_ICMP),
	    is_protocol(to, PROTOCOL_ICMP6));
}

/*
 * For ICMP flows only. Without the column, the destination port holds type *
 * 256 + code, as in NetFlow 5.
 */
static struct expr *
icmp_column(struct lowering *to, unsigned col, struct expr *in_column,
    struct expr *in_port)
{
	struct expr *missing = expr_not(to, expr_leaf(to, EXPR_HAS, col));
	struct expr *has = expr_leaf(to, EXPR_HAS, col);

	return expr_and(to, EXPR_OR, expr_and(to, EXPR_AND, has, in_column),
	    expr_and(to, EXPR_AND, expr_and(to, EXPR_AND, missing, is_icmp(to)),
		in_port));
}

static struct expr *
type_range(struct lowering *to, struct span_of r)
{
	if (r.lo > UINT8_MAX)
		return expr_false(to);
	r.hi = r.hi > UINT8_MAX ? UINT8_MAX : r.hi;
	return icmp_column(to, COL_icmp_type,
	    lower_range(to, COL_icmp_type, r.lo, r.hi),
	    lower_range(to, COL_dst_port, r.lo << 8, r.hi << 8 | 0xff));
}

static struct expr *
type_of(struct lowering *to, uint64_t protocol, int type)
{
	struct span_of r = { (uint64_t)type, (uint64_t)type };

	if (type < 0)
		return expr_false(to);
	return expr_and(to, EXPR_AND, is_protocol(to, protocol),
	    type_range(to, r));
}

static struct expr *
icmp_type(struct lowering *to, unsigned col, const struct filter_value *v,
    struct span_of r)
{
	(void)col;
	if (v->kind != VALUE_ICMP)
		return type_range(to, r);
	return expr_and(to, EXPR_OR, type_of(to, PROTOCOL_ICMP, v->icmp->type4),
	    type_of(to, PROTOCOL_ICMP6, v->icmp->type6));
}

static struct expr *
icmp_code(struct lowering *to, unsigned col, const struct filter_value *v,
    struct span_of r)
{
	(void)v;
	if (r.lo > UINT8_MAX)
		return expr_false(to);
	r.hi = r.hi > UINT8_MAX ? UINT8_MAX : r.hi;
	return icmp_column(to, col, lower_range(to, col, r.lo, r.hi),
	    lower_masked(to, COL_dst_port, 0xff, r.lo, r.hi));
}

static struct expr *
lower_number(struct lowering *to, const struct filter_field *f, unsigned col,
    const struct filter_value *v)
{
	uint64_t bias = f->kind == FIELD_TIME ? EXPR_TIME_BIAS : 0;
	range_fn test = f->kind == FIELD_ICMP_TYPE ? icmp_type
	    : f->kind == FIELD_ICMP_CODE	     ? icmp_code
						     : plain_range;
	struct span_of r = { 0, 0 };

	if (v->kind != VALUE_ICMP && !value_range(v, bias, &r))
		return expr_false(to);
	return test(to, col, v, r);
}

static size_t
count_values(const struct filter_value *v)
{
	size_t n = 0;

	for (; v != NULL; v = v->next)
		n++;
	return n;
}

/* Any of n values, as a balanced tree. */
static struct expr *
any_number(struct lowering *to, const struct filter_field *f, unsigned col,
    const struct filter_value *v, size_t n)
{
	const struct filter_value *half = v;

	if (n == 1)
		return lower_number(to, f, col, v);
	for (size_t i = 0; i < n / 2; i++)
		half = half->next;
	return expr_and(to, EXPR_OR, any_number(to, f, col, v, n / 2),
	    any_number(to, f, col, half, n - n / 2));
}

static struct expr *
prefix_or_set(struct lowering *to, unsigned col, const struct filter_value *v)
{
	struct expr *e;

	if (v->kind == VALUE_TABLE) {
		e = expr_leaf(to, EXPR_SET, col);
		if (e != NULL)
			e->set = &v->table->set;
		return e;
	}
	e = expr_leaf(to, EXPR_PREFIX, col);
	if (e == NULL)
		return NULL;
	e->prefix = v->prefix;
	e->prefix.addr.scope = 0; /* batches have no scopes */
	return e;
}

static bool
is_short(const struct filter_value *values)
{
	size_t n = 0;

	for (const struct filter_value *v = values; v != NULL; v = v->next)
		if (v->kind == VALUE_PREFIX &&
		    (v->except || ++n > FEW_PREFIXES))
			return false;
	return true;
}

/* Builds a set from the prefixes of a list. */
static const struct prefix_set *
list_set(struct lowering *to, const struct filter_value *values)
{
	struct lowered_set *own = arena_alloc(to->arena, sizeof(*own));
	struct prefix_list list;
	int bad;

	if (own == NULL)
		return NULL;
	prefix_list_init(&list, TABLE_PREFIXES_MAX);
	bad = filter_value_prefixes(values, &list, &own->set);
	prefix_list_fini(&list);
	if (bad != 0)
		return NULL;
	own->next = to->sets;
	to->sets = own;
	return &own->set;
}

static struct expr *
in_set(struct lowering *to, unsigned col, const struct prefix_set *set)
{
	struct expr *e = expr_leaf(to, EXPR_SET, col);

	if (e != NULL)
		e->set = set;
	return e;
}

/* "any or e"; any may be NULL. */
static struct expr *
or_else(struct lowering *to, struct expr *any, struct expr *e)
{
	return any == NULL ? e : expr_and(to, EXPR_OR, any, e);
}

/*
 * In the prefixes or in a table, and in no table with "!". Tables are
 * referenced, not copied.
 */
static struct expr *
lower_addresses(struct lowering *to, const struct term *term, unsigned col,
    const struct prefix_set *set)
{
	struct expr *any = NULL;

	if (set != NULL && (any = in_set(to, col, set)) == NULL)
		return NULL;
	for (const struct filter_value *v = term->values; v != NULL;
	     v = v->next) {
		if (v->except || (set != NULL && v->kind == VALUE_PREFIX))
			continue;
		any = or_else(to, any, prefix_or_set(to, col, v));
		if (any == NULL)
			return NULL;
	}
	if (any == NULL)
		any = expr_false(to);
	for (const struct filter_value *v = term->values; v != NULL;
	     v = v->next)
		if (v->except && v->kind == VALUE_TABLE)
			any = expr_and(to, EXPR_AND, any,
			    expr_not(to, prefix_or_set(to, col, v)));
	return any;
}

/* A boundary of a range in a list, and whether it starts or ends the range. */
struct edge {
	uint64_t at;
	int step; /* 1: a range begins; -1: it has ended before here */
};

static int
compare_edges(const void *left, const void *right)
{
	const struct edge *a = left, *b = right;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	return b->step - a->step;
}

/* Merges ranges into boundaries that enter and leave the list in turn. */
static size_t
join_edges(struct edge *edges, size_t n, uint64_t *places)
{
	size_t out = 0;
	int inside = 0;

	qsort(edges, n, sizeof(*edges), compare_edges);
	for (size_t i = 0; i < n; i++) {
		int before = inside;

		inside += edges[i].step;
		if ((before == 0) == (inside == 0))
			continue;
		if (out > 0 && places[out - 1] == edges[i].at)
			out--;
		else
			places[out++] = edges[i].at;
	}
	return out;
}

/* A list of many numbers as one test. */
static struct expr *
in_numbers(struct lowering *to, const struct term *term, unsigned col,
    size_t n)
{
	uint64_t bias = term->field->kind == FIELD_TIME ? EXPR_TIME_BIAS
							    : 0;
	uint64_t *places = arena_calloc(to->arena, 2 * n, sizeof(*places));
	struct edge *edges = calloc(2 * n, sizeof(*edges));
	struct expr *e = expr_leaf(to, EXPR_NUMBERS, col);
	size_t nedges = 0;

	if (places != NULL && edges != NULL && e != NULL) {
		for (const struct filter_value *v = term->values; v != NULL;
		     v = v->next) {
			struct span_of r;

			if (!value_range(v, bias, &r))
				continue;
			r.hi = at_most(r.hi, filter_column_max(col));
			if (r.lo > r.hi)
				continue;
			edges[nedges++] = (struct edge){ r.lo, 1 };
			if (r.hi != UINT64_MAX)
				edges[nedges++] = (struct edge){ r.hi + 1, -1 };
		}
		e->places = places;
		e->nplaces = join_edges(edges, nedges, places);
	}
	free(edges);
	return places != NULL && edges != NULL ? e : NULL;
}

/* ICMP names and protocols are tested value by value. */
static bool
is_plain(const struct filter_field *f)
{
	return f->kind != FIELD_ICMP_TYPE && f->kind != FIELD_ICMP_CODE;
}

/* One column of a term. */
static struct expr *
lower_column(struct lowering *to, const struct term *term, unsigned col,
    const struct prefix_set *set)
{
	size_t n;

	if (term->field->kind == FIELD_ADDRESS)
		return lower_addresses(to, term, col, set);
	n = count_values(term->values);
	if (n > FEW_NUMBERS && is_plain(term->field))
		return in_numbers(to, term, col, n);
	return any_number(to, term->field, col, term->values, n);
}

/* The column of the side of a term, or both columns. */
static struct expr *
lower_sides(struct lowering *to, const struct term *term)
{
	const struct filter_field *f = term->field;
	const struct prefix_set *set = NULL;

	if (f->kind == FIELD_ADDRESS && term->list &&
	    !is_short(term->values)) {
		set = list_set(to, term->values);
		if (set == NULL)
			return NULL;
	}
	if (f->dst_col == 0 || term->side == SIDE_SRC)
		return lower_column(to, term, f->col, set);
	if (term->side == SIDE_DST)
		return lower_column(to, term, f->dst_col, set);
	return expr_and(to, EXPR_OR, lower_column(to, term, f->col, set),
	    lower_column(to, term, f->dst_col, set));
}

static struct expr *
of_family(struct lowering *to, unsigned col, uint64_t family)
{
	struct expr *e = expr_leaf(to, EXPR_FAMILY, col);

	if (e != NULL)
		e->family = (uint8_t)family;
	return e;
}

/* One range for each run of consecutive days. */
static struct expr *
lower_days(struct lowering *to, uint64_t set)
{
	struct expr *any = NULL;

	for (unsigned day = 0; day < 7; day++) {
		unsigned last = day;
		struct expr *e;

		if (!(set >> day & 1))
			continue;
		while (set >> (last + 1) & 1)
			last++;
		e = lower_range(to, COL_weekday, day, last);
		any = any == NULL ? e : expr_and(to, EXPR_OR, any, e);
		if (any == NULL)
			return NULL;
		day = last;
	}
	return any;
}

/* Includes both ends; a window that ends before it starts spans midnight. */
static struct expr *
day_time(struct lowering *to, const struct term *term)
{
	uint64_t lo = term->after ? term->values->lo : 0;
	uint64_t hi = term->before ? term->values->hi : SECOND_LAST;

	if (lo <= hi)
		return lower_range(to, COL_day_second, lo, hi);
	if (hi + 1 == lo)
		return expr_node(to, EXPR_TRUE, NULL, NULL);
	return expr_not(to, lower_range(to, COL_day_second, hi + 1, lo - 1));
}

/* In whole seconds, without the ends. */
static struct expr *
lower_date(struct lowering *to, const struct term *term)
{
	const uint64_t second_ns = 1000000000;
	uint64_t lo = 0, hi = UINT64_MAX;

	if (term->after)
		lo = ((term->values->lo + 1) * second_ns) ^ EXPR_TIME_BIAS;
	if (term->before)
		hi = (term->values->hi * second_ns - 1) ^ EXPR_TIME_BIAS;
	return lower_range(to, COL_recv_time, lo, hi);
}

static struct expr *
term_expr(struct lowering *to, const struct term *term)
{
	const struct filter_field *f = term->field;
	const struct filter_value *v = term->values;

	switch (f->kind) {
	case FIELD_FAMILY:
		return expr_and(to, EXPR_OR, of_family(to, f->col, v->lo),
		    of_family(to, f->dst_col, v->lo));
	case FIELD_TCP_FLAGS:
		if (term->bare)
			return lower_sides(to, term);
		/* FALLTHROUGH */
	case FIELD_FLAGS:
		return lower_masked(to, f->col, v->lo, v->hi, v->hi);
	case FIELD_DAYS:
		return lower_days(to, v->lo);
	case FIELD_CLOCK:
		return day_time(to, term);
	case FIELD_DATE:
		return lower_date(to, term);
	case FIELD_HAS:
		return expr_leaf(to, EXPR_HAS, (unsigned)v->lo);
	default:
		return lower_sides(to, term);
	}
}

static struct expr *
lower_term(struct lowering *to, const struct term *term)
{
	struct expr *e;

	if (term->any)
		return expr_node(to, EXPR_TRUE, NULL, NULL);
	e = term_expr(to, term);
	return term->negate ? expr_not(to, e) : e;
}

struct expr *
lower(struct lowering *to, const struct cond *cond)
{
	switch (cond->kind) {
	case COND_ALL:
		return expr_node(to, EXPR_TRUE, NULL, NULL);
	case COND_TERM:
		return lower_term(to, cond->term);
	case COND_NOT:
		return expr_not(to, lower(to, cond->left));
	case COND_AND:
		return expr_and(to, EXPR_AND, lower(to, cond->left),
		    lower(to, cond->right));
	default:
		return expr_and(to, EXPR_OR, lower(to, cond->left),
		    lower(to, cond->right));
	}
}

void
lowering_fini(struct lowering *to)
{
	for (struct lowered_set *s = to->sets; s != NULL; s = s->next)
		prefix_set_fini(&s->set);
	to->sets = NULL;
}
