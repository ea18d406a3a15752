/* Row-at-a-time filtering; see interpret.h. */
#include <string.h>
#include <time.h>

#include "interpret.h"

static bool
address_is_in(const struct batch *batch, unsigned col, size_t row,
    const struct prefix *p)
{
	struct addr a = batch_addr(batch, col, row);

	return prefix_match(p, &a);
}

static bool
family_is(const struct batch *batch, size_t row, uint8_t family)
{
	return batch_addr(batch, COL_src_addr, row).family == family ||
	    batch_addr(batch, COL_dst_addr, row).family == family;
}

static struct tm
local_time(const struct batch *batch, unsigned col, size_t row)
{
	time_t t = (time_t)((int64_t)batch_uint(batch, col, row) / 1000000000);
	struct tm tm;

	memset(&tm, 0, sizeof(tm));
	(void)localtime_r(&t, &tm);
	return tm;
}

static bool
daytime_is(const struct expr *e, const struct tm *tm)
{
	uint64_t sec = (uint64_t)(tm->tm_hour * 3600 + tm->tm_min * 60 +
	    tm->tm_sec);

	return sec >= e->range.lo && sec <= e->range.hi;
}

bool
interpret_expr(const struct expr *e, const struct batch *batch, size_t row)
{
	uint64_t v = batch_uint(batch, e->col, row);
	struct tm tm;

	switch (e->kind) {
	case EXPR_TRUE:
		return true;
	case EXPR_NOT:
		return !interpret_expr(e->left, batch, row);
	case EXPR_AND:
		return interpret_expr(e->left, batch, row) &&
		    interpret_expr(e->right, batch, row);
	case EXPR_OR:
		return interpret_expr(e->left, batch, row) ||
		    interpret_expr(e->right, batch, row);
	case EXPR_RANGE:
		return v >= e->range.lo && v <= e->range.hi;
	case EXPR_MASKED:
		return (v & e->masked.mask) == e->masked.value;
	case EXPR_PREFIX:
		return address_is_in(batch, e->col, row, &e->prefix);
	case EXPR_FAMILY:
		return family_is(batch, row, e->family);
	case EXPR_WEEKDAY:
		tm = local_time(batch, e->col, row);
		return e->days >> tm.tm_wday & 1;
	case EXPR_DAYTIME:
		tm = local_time(batch, e->col, row);
		return daytime_is(e, &tm);
	case EXPR_TIME:
		return (int64_t)v / 1000000000 > e->time.after &&
		    (int64_t)v / 1000000000 < e->time.before;
	}
	return false;
}

const struct rule *
interpret_rules(const struct rule *rules, const struct batch *batch,
    size_t row)
{
	const struct rule *decides = NULL;

	for (; rules != NULL; rules = rules->next) {
		if (!interpret_expr(rules->expr, batch, row))
			continue;
		decides = rules;
		if (rules->quick)
			break;
	}
	return decides;
}
