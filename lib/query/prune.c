/* Rules over whole blocks; see prune.h. */
#include "prune.h"

/* What a test may give for the rows of a block: any of these. */
enum may {
	MAY_FAIL = 1,
	MAY_HOLD = 2,
	MAY_EITHER = MAY_FAIL | MAY_HOLD
};

static const int64_t second_ns = 1000000000;

static unsigned
if_so(bool hold, bool fail)
{
	return (hold ? MAY_HOLD : 0u) | (fail ? MAY_FAIL : 0u);
}

/* Rows that lack the column are tested as 0. */
static bool
has_gaps(const struct block_column *c)
{
	return c == NULL || (c->flags & ENTRY_GAPS);
}

static bool
is_number(const struct block_column *c)
{
	return c->type != COLUMN_ADDR && c->type != COLUMN_BYTES;
}

static unsigned
may_range(const struct expr *e, const struct block_column *c)
{
	bool zero = e->range.lo == 0;
	unsigned may = 0;

	if (has_gaps(c))
		may = if_so(zero, !zero);
	if (c == NULL)
		return may;
	/* Times with both signs are in no unsigned order. */
	if (!is_number(c) || c->min > c->max)
		return MAY_EITHER;
	return may | if_so(c->max >= e->range.lo && c->min <= e->range.hi,
			 c->min < e->range.lo || c->max > e->range.hi);
}

static unsigned
may_masked(const struct expr *e, const struct block_column *c)
{
	bool zero = e->masked.value == 0;
	unsigned may = 0;

	if (has_gaps(c))
		may = if_so(zero, !zero);
	if (c == NULL)
		return may;
	if (!is_number(c) || c->min != c->max)
		return MAY_EITHER;
	zero = (c->min & e->masked.mask) == e->masked.value;
	return may | if_so(zero, !zero);
}

static int
compare6(struct addr6 a, struct addr6 b)
{
	if (a.hi != b.hi)
		return a.hi < b.hi ? -1 : 1;
	return a.lo < b.lo ? -1 : a.lo > b.lo;
}

static unsigned
may_prefix4(const struct prefix *p, const struct block_column *c)
{
	uint32_t host = (uint32_t)((UINT64_C(1) << (32 - p->len)) - 1);
	uint32_t lo = p->addr.v4, hi = lo | host;

	return if_so(c->max4 >= lo && c->min4 <= hi,
	    c->min4 < lo || c->max4 > hi);
}

static unsigned
may_prefix6(const struct prefix *p, const struct block_column *c)
{
	struct addr6 mask = addr6_mask(p->len), lo = p->addr.v6;
	struct addr6 hi = { lo.hi | ~mask.hi, lo.lo | ~mask.lo };

	/* Scopes are not kept in logs. */
	return if_so(compare6(c->max6, lo) >= 0 && compare6(c->min6, hi) <= 0,
	    p->addr.scope != 0 || compare6(c->min6, lo) < 0 ||
		compare6(c->max6, hi) > 0);
}

static bool
is_host(const struct prefix *p)
{
	return p->addr.scope == 0 &&
	    p->len == (p->addr.family == ADDR_V4 ? 32 : 128);
}

/* An address that is not there is in no prefix. */
static unsigned
may_prefix(const struct expr *e, const struct block_column *c,
    const struct prune_facts *facts)
{
	const struct prefix *p = &e->prefix;
	unsigned may = has_gaps(c) ? MAY_FAIL : 0;

	if (c == NULL)
		return may;
	if (c->type != COLUMN_ADDR)
		return MAY_EITHER;
	if (facts->lacks != NULL && is_host(p) &&
	    (e->col == COL_src_addr || e->col == COL_dst_addr) &&
	    facts->lacks(facts->arg, &p->addr))
		return MAY_FAIL;
	if (c->flags & ENTRY_V4)
		may |= p->addr.family == ADDR_V4 ? may_prefix4(p, c)
						 : (unsigned)MAY_FAIL;
	if (c->flags & ENTRY_V6)
		may |= p->addr.family == ADDR_V6 ? may_prefix6(p, c)
						 : (unsigned)MAY_FAIL;
	return may;
}

static unsigned
family_flag(const struct expr *e)
{
	return e->family == ADDR_V4 ? ENTRY_V4 : ENTRY_V6;
}

static bool
all_of_family(const struct expr *e, const struct block_column *c)
{
	return !has_gaps(c) &&
	    (c->flags & (ENTRY_V4 | ENTRY_V6)) == family_flag(e);
}

static unsigned
may_family(const struct expr *e, const struct block *b)
{
	const struct block_column *src = block_column(b, COL_src_addr);
	const struct block_column *dst = block_column(b, COL_dst_addr);
	unsigned flag = family_flag(e);

	return if_so((src != NULL && (src->flags & flag)) ||
		(dst != NULL && (dst->flags & flag)),
	    !all_of_family(e, src) && !all_of_family(e, dst));
}

/* Seconds may have been rounded either way. */
static unsigned
may_time(const struct expr *e, const struct block_column *c)
{
	int64_t min, max;

	if (has_gaps(c) || c->type != COLUMN_TIME)
		return MAY_EITHER;
	min = (int64_t)c->min / second_ns - 1;
	max = (int64_t)c->max / second_ns + 1;
	return if_so(max > e->time.after && min < e->time.before,
	    min <= e->time.after || max >= e->time.before);
}

static unsigned
may_not(unsigned may)
{
	return if_so(may & MAY_FAIL, may & MAY_HOLD);
}

static unsigned
may(const struct expr *e, const struct prune_facts *facts)
{
	const struct block *b = facts->block;
	unsigned left, right;

	switch (e->kind) {
	case EXPR_TRUE:
		return MAY_HOLD;
	case EXPR_NOT:
		return may_not(may(e->left, facts));
	case EXPR_AND:
		left = may(e->left, facts);
		right = may(e->right, facts);
		return (left & right & MAY_HOLD) |
		    ((left | right) & MAY_FAIL);
	case EXPR_OR:
		left = may(e->left, facts);
		right = may(e->right, facts);
		return ((left | right) & MAY_HOLD) |
		    (left & right & MAY_FAIL);
	case EXPR_RANGE:
		return may_range(e, block_column(b, e->col));
	case EXPR_MASKED:
		return may_masked(e, block_column(b, e->col));
	case EXPR_PREFIX:
		return may_prefix(e, block_column(b, e->col), facts);
	case EXPR_FAMILY:
		return may_family(e, b);
	case EXPR_TIME:
		return may_time(e, block_column(b, e->col));
	default:
		return MAY_EITHER;
	}
}

/*
 * The rules in their order. A row may be accepted when the last rule that it
 * may match says so, or when none must match it. What every row matches
 * decides anew, and a quick rule that every row matches ends it.
 */
bool
prune_may_accept(const struct rule *rules, const struct prune_facts *facts)
{
	bool accepted = true;

	for (const struct rule *r = rules; r != NULL; r = r->next) {
		unsigned m = may(r->expr, facts);

		if (!(m & MAY_HOLD))
			continue;
		if (r->quick && !r->discard)
			return true;
		if (!(m & MAY_FAIL))
			accepted = false;
		if (r->quick && !(m & MAY_FAIL))
			break;
		accepted |= !r->discard;
	}
	return accepted;
}

static void
add_columns(const struct expr *e, struct colset *set)
{
	switch (e->kind) {
	case EXPR_TRUE:
		break;
	case EXPR_NOT:
		add_columns(e->left, set);
		break;
	case EXPR_AND:
	case EXPR_OR:
		add_columns(e->left, set);
		add_columns(e->right, set);
		break;
	case EXPR_RANGE:
	case EXPR_MASKED:
	case EXPR_PREFIX:
	case EXPR_WEEKDAY:
	case EXPR_DAYTIME:
	case EXPR_TIME:
		colset_add(set, e->col);
		break;
	case EXPR_FAMILY:
		colset_add(set, COL_src_addr);
		colset_add(set, COL_dst_addr);
		break;
	default:
		for (unsigned i = 0; i < COL_COUNT; i++)
			colset_add(set, i);
		break;
	}
}

struct colset
prune_columns(const struct rule *rules)
{
	struct colset set = { { 0, 0 } };

	for (const struct rule *r = rules; r != NULL; r = r->next) {
		add_columns(r->expr, &set);
		if (r->has_tag)
			colset_add(&set, COL_tag);
	}
	return set;
}
