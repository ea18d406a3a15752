/* Rules applied to whole blocks; see prune.h. */
#include "leaf.h"
#include "prune.h"

enum {
	FEW_TESTS = 16
};

/* Possible results of a test for the rows of a block, as bits. */
enum may {
	MAY_FAIL = 1,
	MAY_HOLD = 2,
	MAY_EITHER = MAY_FAIL | MAY_HOLD
};

static unsigned
if_so(bool hold, bool fail)
{
	return (hold ? MAY_HOLD : 0u) | (fail ? MAY_FAIL : 0u);
}

/* Rows without a value test as 0. */
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

/* Times are biased as in expressions; see EXPR_TIME_BIAS. */
static uint64_t
bias_of(unsigned col)
{
	return column_info[col].type == COLUMN_TIME ? EXPR_TIME_BIAS : 0;
}

static unsigned
may_range(const struct expr *e, const struct block_column *c)
{
	uint64_t bias = bias_of(e->col), min, max;
	bool zero = bias >= e->lo && bias <= e->hi;
	unsigned may = 0;

	if (has_gaps(c))
		may = if_so(zero, !zero);
	if (c == NULL)
		return may;
	/* A range of times around 1970 has no unsigned order. */
	if (!is_number(c) || c->min > c->max)
		return MAY_EITHER;
	min = c->min ^ bias;
	max = c->max ^ bias;
	return may | if_so(max >= e->lo && min <= e->hi,
			 min < e->lo || max > e->hi);
}

/*
 * Decides only when no row has the column; constant columns could be decided,
 * too.
 */
static unsigned
may_numbers(const struct expr *e, const struct block_column *c)
{
	bool zero = expr_numbers_have(e, bias_of(e->col));

	return c == NULL ? if_so(zero, !zero) : (unsigned)MAY_EITHER;
}

static unsigned
may_masked(const struct expr *e, const struct block_column *c)
{
	bool zero = e->lo == 0;
	unsigned may = 0;

	if (has_gaps(c))
		may = if_so(zero, !zero);
	if (c == NULL)
		return may;
	if (!is_number(c) || c->min != c->max)
		return MAY_EITHER;
	zero = (c->min & e->mask) >= e->lo && (c->min & e->mask) <= e->hi;
	return may | if_so(zero, !zero);
}

static unsigned
may_has(const struct block_column *c)
{
	if (c == NULL)
		return MAY_FAIL;
	return has_gaps(c) ? MAY_EITHER : MAY_HOLD;
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

/* A source or destination that is a single address. */
static bool
is_host(const struct expr *e)
{
	const struct prefix *p = &e->prefix;

	return (e->col == COL_src_addr || e->col == COL_dst_addr) &&
	    p->addr.scope == 0 &&
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
	if (facts->lacks != NULL && is_host(e) &&
	    facts->lacks(facts->arg, e->col, &p->addr))
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

static unsigned
may_family(const struct expr *e, const struct block_column *c)
{
	unsigned flag = family_flag(e);

	if (c == NULL)
		return MAY_FAIL;
	return if_so(c->flags & flag, has_gaps(c) ||
		(c->flags & (ENTRY_V4 | ENTRY_V6)) != flag);
}

static unsigned
may_not(unsigned may)
{
	return if_so(may & MAY_FAIL, may & MAY_HOLD);
}

static unsigned
may_leaf(const struct expr *e, const struct prune_facts *facts)
{
	const struct block_column *c;

	if (column_is_derived(e->col))
		return MAY_EITHER;
	c = block_column(facts->block, e->col);
	switch (e->kind) {
	case EXPR_RANGE:
		return may_range(e, c);
	case EXPR_NUMBERS:
		return may_numbers(e, c);
	case EXPR_MASKED:
		return may_masked(e, c);
	case EXPR_PREFIX:
		return may_prefix(e, c, facts);
	case EXPR_SET:
		return c == NULL ? (unsigned)MAY_FAIL : (unsigned)MAY_EITHER;
	case EXPR_FAMILY:
		return may_family(e, c);
	case EXPR_HAS:
		return may_has(c);
	default:
		return MAY_EITHER;
	}
}

static unsigned
prune_expr_may_match(const struct expr *e, const struct prune_facts *facts)
{
	unsigned left, right;

	switch (e->kind) {
	case EXPR_TRUE:
		return MAY_HOLD;
	case EXPR_NOT:
		return may_not(prune_expr_may_match(e->left, facts));
	case EXPR_AND:
		left = prune_expr_may_match(e->left, facts);
		right = prune_expr_may_match(e->right, facts);
		return (left & right & MAY_HOLD) |
		    ((left | right) & MAY_FAIL);
	case EXPR_OR:
		left = prune_expr_may_match(e->left, facts);
		right = prune_expr_may_match(e->right, facts);
		return ((left | right) & MAY_HOLD) |
		    (left & right & MAY_FAIL);
	default:
		return may_leaf(e, facts);
	}
}

/*
 * The rules in their order. A row may be accepted when the last rule that may
 * match it accepts it, or when possibly no rule matches. A rule that every row
 * matches overrides those before it, and ends the search if it is quick.
 */
bool
prune_may_accept(const struct ruleset *set, const struct prune_facts *facts)
{
	bool accepted = true;

	for (size_t i = 0; i < ruleset_count(set); i++) {
		const struct rule *r = ruleset_rule(set, i);
		unsigned m = prune_expr_may_match(ruleset_expr(set, i), facts);

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

/* Adds a column, or those that a derived column is computed from. */
static void
add_columns(const struct expr *test, void *arg)
{
	struct colset *set = arg;
	unsigned col = test->col;

	if (!expr_is_leaf(test))
		return;
	if (!column_is_derived(col)) {
		colset_add(set, col);
	} else if (col == COL_weekday || col == COL_day_second) {
		colset_add(set, COL_recv_time);
	} else {
		colset_add(set, COL_packets);
		colset_add(set, COL_octets);
		colset_add(set, COL_flow_start);
		colset_add(set, COL_flow_end);
		colset_add(set, COL_flow_start_uptime_ms);
		colset_add(set, COL_flow_end_uptime_ms);
	}
}

struct colset
prune_columns(const struct ruleset *rules)
{
	struct colset set = { { 0, 0 } };

	for (size_t i = 0; i < ruleset_count(rules); i++) {
		expr_each(ruleset_expr(rules, i), add_columns, &set);
		if (ruleset_rule(rules, i)->has_tag)
			colset_add(&set, COL_tag);
	}
	return set;
}

static void
add_valued(const struct expr *test, void *arg)
{
	if (expr_is_leaf(test) && !leaf_is_ranges(test))
		add_columns(test, arg);
}

struct colset
prune_valued(const struct ruleset *rules)
{
	struct colset set = { { 0, 0 } };

	if (ruleset_is_classified(rules))
		return prune_columns(rules);
	for (size_t i = 0; i < ruleset_count(rules); i++)
		expr_each(ruleset_expr(rules, i), add_valued, &set);
	return set;
}

/* Tests in an expression, and how many of them are for a host. */
struct tests {
	size_t all, hosts;
};

static void
count_test(const struct expr *test, void *arg)
{
	struct tests *n = arg;

	n->all++;
	n->hosts += test->kind == EXPR_PREFIX && is_host(test);
}

bool
prune_seeks_host(const struct ruleset *rules)
{
	struct tests n = { 0, 0 };

	for (size_t i = 0; i < ruleset_count(rules) && n.all <= FEW_TESTS; i++)
		expr_each(ruleset_expr(rules, i), count_test, &n);
	return n.hosts > 0 && n.all <= FEW_TESTS;
}
