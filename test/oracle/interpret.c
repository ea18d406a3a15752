/* Row-at-a-time filtering; see interpret.h. */
#include <string.h>
#include <time.h>

#include "derived.h"
#include "interpret.h"
#include "prefix_table.h"

static const int64_t second_ns = 1000000000;

struct flow {
	const struct batch *batch;
	size_t row;
};

static uint64_t
flow_uint(const struct flow *f, unsigned col)
{
	return batch_uint(f->batch, col, f->row);
}

static bool
flow_has(const struct flow *f, unsigned col)
{
	return batch_has(f->batch, col, f->row);
}

static unsigned
prefix_octets(const struct prefix *p, uint8_t octets[16])
{
	memset(octets, 0, 16);
	if (p->addr.family == ADDR_V4) {
		for (int i = 0; i < 4; i++)
			octets[i] = (uint8_t)(p->addr.v4 >> (24 - 8 * i));
		return 4;
	}
	addr6_store(octets, p->addr.v6);
	return 16;
}

/* Bit by bit. */
static bool
prefix_has(const struct prefix *p, const struct addr *a)
{
	struct prefix of_addr = { *a, 0 };
	uint8_t left[16], right[16];

	if (a->family != p->addr.family)
		return false;
	(void)prefix_octets(p, left);
	(void)prefix_octets(&of_addr, right);
	for (unsigned bit = 0; bit < p->len; bit++)
		if ((left[bit / 8] ^ right[bit / 8]) & 0x80 >> bit % 8)
			return false;
	return true;
}

/* The longest prefix decides; an exception beats its equal. */
static bool
values_have(const struct filter_value *values, const struct addr *a)
{
	bool in = false;
	int longest = -1;

	for (const struct filter_value *v = values; v != NULL; v = v->next) {
		if (v->kind != VALUE_PREFIX || !prefix_has(&v->prefix, a))
			continue;
		if (v->prefix.len < longest ||
		    (v->prefix.len == longest && !v->except))
			continue;
		longest = v->prefix.len;
		in = !v->except;
	}
	for (const struct filter_value *v = values; v != NULL; v = v->next)
		if (v->kind == VALUE_TABLE && !v->except)
			in |= values_have(v->table->entries, a);
	for (const struct filter_value *v = values; v != NULL; v = v->next)
		if (v->kind == VALUE_TABLE && v->except)
			in &= !values_have(v->table->entries, a);
	return in;
}

static uint64_t
flow_duration(const struct flow *f)
{
	int64_t ns;

	if (flow_has(f, COL_flow_start) && flow_has(f, COL_flow_end)) {
		ns = (int64_t)flow_uint(f, COL_flow_end) -
		    (int64_t)flow_uint(f, COL_flow_start);
		return ns > 0 ? (uint64_t)ns : 0;
	}
	if (flow_has(f, COL_flow_start_uptime_ms) &&
	    flow_has(f, COL_flow_end_uptime_ms)) {
		ns = (int32_t)((uint32_t)flow_uint(f, COL_flow_end_uptime_ms) -
		    (uint32_t)flow_uint(f, COL_flow_start_uptime_ms));
		return ns > 0 ? (uint64_t)ns * 1000000 : 0;
	}
	return 0;
}

/* Numbers in tests are small: no product here is past 64 bits. */
static uint64_t
per_second(const struct flow *f, uint64_t n)
{
	uint64_t ns = flow_duration(f);

	return ns == 0 ? 0 : n * (uint64_t)second_ns / ns;
}

static uint64_t
flow_number(const struct flow *f, unsigned col)
{
	switch (col) {
	case COL_duration:
		return flow_duration(f);
	case COL_bps:
		return per_second(f, 8 * flow_uint(f, COL_octets));
	case COL_pps:
		return per_second(f, flow_uint(f, COL_packets));
	case COL_bpp:
		return flow_uint(f, COL_packets) == 0
		    ? 0
		    : flow_uint(f, COL_octets) / flow_uint(f, COL_packets);
	default:
		return flow_uint(f, col);
	}
}

static bool
value_holds(const struct filter_value *v, uint64_t n)
{
	switch (v->kind) {
	case VALUE_BELOW:
		return n < v->lo;
	case VALUE_AT_MOST:
		return n <= v->hi;
	case VALUE_ABOVE:
		return n > v->hi;
	case VALUE_AT_LEAST:
		return n >= v->lo;
	default:
		return n >= v->lo && n <= v->hi;
	}
}

static bool
compare_time(const struct filter_value *v, int64_t t)
{
	int64_t lo = (int64_t)v->lo, hi = (int64_t)v->hi;

	switch (v->kind) {
	case VALUE_BELOW:
		return t < lo;
	case VALUE_AT_MOST:
		return t <= hi;
	case VALUE_ABOVE:
		return t > hi;
	case VALUE_AT_LEAST:
		return t >= lo;
	default:
		return t >= lo && t <= hi;
	}
}

/* The type or code of an ICMP flow, or -1. */
static int
flow_icmp(const struct flow *f, unsigned col, unsigned shift)
{
	if (flow_has(f, col))
		return (int)flow_uint(f, col);
	if (flow_uint(f, COL_protocol) != 1 && flow_uint(f, COL_protocol) != 58)
		return -1;
	return (int)(flow_uint(f, COL_dst_port) >> shift & 0xff);
}

static bool
icmp_is(const struct flow *f, const struct filter_value *v, unsigned col,
    unsigned shift)
{
	int n = flow_icmp(f, col, shift);

	if (n < 0)
		return false;
	if (v->kind != VALUE_ICMP)
		return value_holds(v, (uint64_t)n);
	return (flow_uint(f, COL_protocol) == 1 && n == v->icmp->type4) ||
	    (flow_uint(f, COL_protocol) == 58 && n == v->icmp->type6);
}

static bool
value_is(const struct flow *f, const struct term *term, unsigned col,
    const struct filter_value *v)
{
	switch (term->field->kind) {
	case FIELD_ICMP_TYPE:
		return icmp_is(f, v, col, 8);
	case FIELD_ICMP_CODE:
		return icmp_is(f, v, col, 0);
	case FIELD_TIME:
		return compare_time(v, (int64_t)flow_uint(f, col));
	default:
		return value_holds(v, flow_number(f, col));
	}
}

static bool
column_is(const struct flow *f, const struct term *term, unsigned col)
{
	struct addr a;

	if (term->field->kind == FIELD_ADDRESS) {
		a = batch_addr(f->batch, col, f->row);
		return a.family != ADDR_NONE && values_have(term->values, &a);
	}
	for (const struct filter_value *v = term->values; v != NULL;
	    v = v->next)
		if (value_is(f, term, col, v))
			return true;
	return false;
}

static bool
sides_are(const struct flow *f, const struct term *term)
{
	const struct filter_field *field = term->field;

	if (field->dst_col == 0 || term->side == SIDE_SRC)
		return column_is(f, term, field->col);
	if (term->side == SIDE_DST)
		return column_is(f, term, field->dst_col);
	return column_is(f, term, field->col) ||
	    column_is(f, term, field->dst_col);
}

static struct tm
local_time(const struct flow *f)
{
	time_t t = (time_t)((int64_t)flow_uint(f, COL_recv_time) / second_ns);
	struct tm tm;

	memset(&tm, 0, sizeof(tm));
	(void)localtime_r(&t, &tm);
	return tm;
}

static bool
clock_is(const struct flow *f, const struct term *term)
{
	const struct filter_value *v = term->values;
	struct tm tm = local_time(f);
	uint64_t sec = (uint64_t)(tm.tm_hour * 3600 + tm.tm_min * 60 +
	    tm.tm_sec);
	bool after = !term->after || sec >= v->lo;
	bool before = !term->before || sec <= v->hi;

	if (term->after && term->before && v->lo > v->hi)
		return after || before;
	return after && before;
}

static bool
date_is(const struct flow *f, const struct term *term)
{
	const struct filter_value *v = term->values;
	int64_t sec = (int64_t)flow_uint(f, COL_recv_time) / second_ns;

	return (!term->after || sec > (int64_t)v->lo) &&
	    (!term->before || sec < (int64_t)v->hi);
}

static bool
term_is(const struct flow *f, const struct term *term)
{
	const struct filter_value *v = term->values;
	struct tm tm;

	if (term->any)
		return true;
	switch (term->field->kind) {
	case FIELD_FAMILY:
		return batch_addr(f->batch, COL_src_addr, f->row).family ==
		    v->lo ||
		    batch_addr(f->batch, COL_dst_addr, f->row).family == v->lo;
	case FIELD_TCP_FLAGS:
		if (term->bare)
			return sides_are(f, term);
		/* FALLTHROUGH */
	case FIELD_FLAGS:
		return (flow_uint(f, COL_tcp_flags) & v->lo) == v->hi;
	case FIELD_DAYS:
		tm = local_time(f);
		return v->lo >> tm.tm_wday & 1;
	case FIELD_CLOCK:
		return clock_is(f, term);
	case FIELD_DATE:
		return date_is(f, term);
	case FIELD_HAS:
		return flow_has(f, (unsigned)v->lo);
	default:
		return sides_are(f, term);
	}
}

bool
interpret_cond(const struct cond *cond, const struct batch *batch, size_t row)
{
	struct flow f = { batch, row };

	switch (cond->kind) {
	case COND_ALL:
		return true;
	case COND_TERM:
		return term_is(&f, cond->term) != cond->term->negate;
	case COND_NOT:
		return !interpret_cond(cond->left, batch, row);
	case COND_AND:
		return interpret_cond(cond->left, batch, row) &&
		    interpret_cond(cond->right, batch, row);
	case COND_OR:
		return interpret_cond(cond->left, batch, row) ||
		    interpret_cond(cond->right, batch, row);
	}
	return false;
}

const struct rule *
interpret_rules(const struct rule *rules, const struct batch *batch,
    size_t row)
{
	const struct rule *decides = NULL;

	for (; rules != NULL; rules = rules->next) {
		if (!interpret_cond(rules->cond, batch, row))
			continue;
		decides = rules;
		if (rules->quick)
			break;
	}
	return decides;
}

bool
interpret_goes_to(const struct rule *decides, const char *name)
{
	const struct log_name *n = decides != NULL ? decides->log_names : NULL;

	if (n == NULL || name == NULL)
		return n == NULL && name == NULL;
	while (n != NULL && strcmp(n->name, name) != 0)
		n = n->next;
	return n != NULL;
}
