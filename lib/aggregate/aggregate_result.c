/* What came of the flows of an aggregate; see aggregate.h. */
#include <stdlib.h>
#include <string.h>

#include "aggregate_state.h"

/* A group that is in the result. */
struct aggregate_row {
	uint64_t *key; /* of both arrays: words */
	uint64_t *state;
	bool general;
	bool none; /* the measure that orders has no value */
	uint64_t rank; /* of that measure: greater is more */
};

/* The best groups so far, as a heap with the worst of them on top. */
struct row_heap {
	struct aggregate_group *group;
	size_t n, cap, limit; /* limit 0: none */
	struct aggregate_row *row;
	uint64_t *other; /* states of groups that are not in it */
};

static double
seconds(uint64_t from_ns, uint64_t to_ns)
{
	return to_ns > from_ns ? (double)(to_ns - from_ns) / 1e9 : 0;
}

/* Seconds of the bin of a group. */
static double
bin_seconds(const struct aggregate_group *g, const uint64_t *key, bool general)
{
	struct key_value bin = key_unpack(&g->layout.keys, general, key, 0);
	int64_t from = time_bin_begin(&g->bins, (uint32_t)bin.lo);
	int64_t to = time_bin_begin(&g->bins, (uint32_t)bin.lo + 1);

	return (double)(to - from) / 1e9;
}

/* Time spans are summed in microseconds, of which so many are told. */
#define SPAN_MAX_US ((uint64_t)INT64_MAX / 1000)

static void
set_ns(struct aggregate_value *v, uint64_t ns)
{
	v->kind = VALUE_NS;
	v->ns = ns > INT64_MAX ? INT64_MAX : (int64_t)ns;
}

static void
set_uint(struct aggregate_value *v, unsigned type, uint64_t word)
{
	switch ((enum measure_type)type) {
	case MEASURE_TIME:
		v->kind = VALUE_TIME;
		v->ns = word_to_time(word);
		break;
	case MEASURE_NS:
		set_ns(v, word > SPAN_MAX_US ? UINT64_MAX : word * 1000);
		break;
	default:
		v->kind = VALUE_UINT;
		v->uint = word;
		break;
	}
}

static void
set_real(struct aggregate_value *v, double dividend, double divisor)
{
	if (divisor <= 0)
		return;
	v->kind = VALUE_REAL;
	v->real = dividend / divisor;
}

/* A measure by states. key is NULL for what is of no bin. */
static void
measure_value(const struct aggregate_group *g, unsigned measure,
    const uint64_t *state, const uint64_t *key, bool general,
    struct aggregate_value *v)
{
	const struct measure *m = &g->output.measures.measure[measure];
	const uint8_t *of = g->layout.states.of[measure];
	const uint64_t a = state[of[0]], b = state[of[1]], c = state[of[2]];
	uint64_t word;

	*v = (struct aggregate_value){ .kind = VALUE_NONE };
	switch ((enum measure_function)m->function) {
	case MEASURE_FLOWS:
	case MEASURE_SUM:
		set_uint(v, m->type, a);
		break;
	case MEASURE_MIN:
	case MEASURE_MAX:
		if (b > 0)
			set_uint(v, m->type, a);
		break;
	case MEASURE_AVG:
		if (b > 0 && m->type == MEASURE_NS)
			set_uint(v, m->type, a / b);
		else
			set_real(v, (double)a, (double)b);
		break;
	case MEASURE_PERCENTILE:
		if (state_histogram_permille(
			a, m->permille, &word, &v->estimate))
			set_uint(v, m->type, word);
		break;
	case MEASURE_DISTINCT:
		word = state_distinct_count(a, &v->estimate);
		set_uint(v, m->type, word);
		break;
	case MEASURE_RATE:
		set_real(v, (double)a * m->factor,
		    g->output.bin_ns != 0 && key != NULL
			? bin_seconds(g, key, general)
			: seconds(b, c));
		break;
	case MEASURE_RATIO:
		set_real(v, (double)a, (double)b);
		break;
	case MEASURE_SPAN:
		if (a <= b)
			set_ns(v, b - a);
		break;
	}
}

/* A number that is greater if the value is. */
static uint64_t
value_rank(const struct aggregate_value *v)
{
	uint64_t bits;

	switch ((enum aggregate_kind)v->kind) {
	case VALUE_UINT:
		return v->uint;
	case VALUE_TIME:
	case VALUE_NS:
		return time_to_word(v->ns);
	case VALUE_REAL:
		/* Reals that are not negative are ordered as their bits. */
		memcpy(&bits, &v->real, sizeof(bits));
		return bits;
	default:
		return 0;
	}
}

static double
value_real(const struct aggregate_value *v)
{
	switch ((enum aggregate_kind)v->kind) {
	case VALUE_UINT:
		return (double)v->uint;
	case VALUE_TIME:
	case VALUE_NS:
		return (double)v->ns / 1e9;
	default:
		return v->real;
	}
}

static bool
having_passes(const struct aggregate_having *h, const struct aggregate_value *v)
{
	double x = value_real(v);

	if (v->kind == VALUE_NONE)
		return false;
	switch ((enum having_test)h->test) {
	case HAVING_LESS:
		return x < h->value;
	case HAVING_AT_MOST:
		return x <= h->value;
	case HAVING_EQUAL:
		return x >= h->value && x <= h->value;
	case HAVING_NOT:
		return x < h->value || x > h->value;
	case HAVING_AT_LEAST:
		return x >= h->value;
	default:
		return x > h->value;
	}
}

static bool
group_passes(const struct aggregate_group *g, const struct aggregate_row *row)
{
	const struct aggregate_output *o = &g->output;

	for (unsigned i = 0; i < o->nhaving; i++) {
		struct aggregate_value v;

		measure_value(g, o->having[i].measure, row->state, row->key,
		    row->general, &v);
		if (!having_passes(&o->having[i], &v))
			return false;
	}
	return true;
}

/* A time, which may be negative. */
static bool
key_part_is_time(const struct key_part *p)
{
	return p->function == KEY_COLUMN &&
	    column_info[p->col[0]].type == COLUMN_TIME;
}

/* Which of two groups stands first: <0, or 0 if they are the same. */
static int
compare_keys(const struct aggregate_group *g, const struct aggregate_row *a,
    const struct aggregate_row *b)
{
	const struct key_layout *l = &g->layout.keys;

	for (unsigned i = 0; i < l->nparts; i++) {
		struct key_value x = key_unpack(l, a->general, a->key, i);
		struct key_value y = key_unpack(l, b->general, b->key, i);
		int c;

		if (key_part_is_time(&g->key.part[i])) {
			x.lo = time_to_word((int64_t)x.lo);
			y.lo = time_to_word((int64_t)y.lo);
		}
		c = key_value_compare(&x, &y);

		if (c != 0)
			return c;
	}
	return 0;
}

static int
compare_rows(const struct aggregate_group *g, const struct aggregate_row *a,
    const struct aggregate_row *b)
{
	if (a->none != b->none)
		return a->none ? 1 : -1;
	if (a->rank != b->rank)
		return (a->rank < b->rank) == g->output.ascending ? -1 : 1;
	return compare_keys(g, a, b);
}

/* --- The heap --- */

static void
heap_sift_down(struct row_heap *h, size_t at)
{
	for (;;) {
		size_t worst = at, child = 2 * at + 1;
		struct aggregate_row row;

		for (size_t i = child; i < child + 2 && i < h->n; i++)
			if (compare_rows(
				h->group, &h->row[worst], &h->row[i]) < 0)
				worst = i;
		if (worst == at)
			return;
		row = h->row[at];
		h->row[at] = h->row[worst];
		h->row[worst] = row;
		at = worst;
	}
}

static void
heap_sift_up(struct row_heap *h, size_t at)
{
	while (at > 0) {
		size_t up = (at - 1) / 2;
		struct aggregate_row row = h->row[at];

		if (compare_rows(h->group, &h->row[up], &row) >= 0)
			return;
		h->row[at] = h->row[up];
		h->row[up] = row;
		at = up;
	}
}

static void
row_fini(const struct aggregate_group *g, struct aggregate_row *row)
{
	if (row->key == NULL)
		return;
	states_drop(&g->layout.states, row->state);
	free(row->key);
}

/* A copy of a group, in a piece of memory that row->key begins. */
static bool
row_copy(const struct aggregate_group *g, struct aggregate_row *to,
    const struct aggregate_row *from)
{
	size_t nkeys = from->general ? g->layout.keys.general_words
				     : g->layout.keys.plain_words;
	size_t nstates = g->layout.states.n;
	uint64_t *words = calloc(nkeys + nstates, sizeof(*words));

	if (words == NULL)
		return false;
	*to = *from;
	to->key = words;
	to->state = words + nkeys;
	memcpy(to->key, from->key, nkeys * sizeof(*words));
	states_clear(&g->layout.states, to->state);
	if (states_add(&g->layout.states, to->state, from->state))
		return true;
	row_fini(g, to);
	return false;
}

static bool
heap_room(struct row_heap *h)
{
	size_t cap = h->cap == 0 ? 64 : 2 * h->cap;
	void *more;

	if (h->n < h->cap)
		return true;
	more = realloc(h->row, cap * sizeof(*h->row));
	if (more == NULL)
		return false;
	h->row = more;
	h->cap = cap;
	return true;
}

/* Put a group in, or what it pushes out to the others. */
static bool
heap_put(struct row_heap *h, const struct aggregate_row *row)
{
	struct aggregate_group *g = h->group;
	struct aggregate_row copy;

	if (h->limit != 0 && h->n == h->limit) {
		if (compare_rows(g, row, &h->row[0]) > 0)
			return states_add(
			    &g->layout.states, h->other, row->state);
		if (!row_copy(g, &copy, row))
			return false;
		if (!states_combine(
			&g->layout.states, h->other, h->row[0].state)) {
			row_fini(g, &copy);
			return false;
		}
		row_fini(g, &h->row[0]);
		h->row[0] = copy;
		heap_sift_down(h, 0);
		return true;
	}
	if (!heap_room(h) || !row_copy(g, &h->row[h->n], row))
		return false;
	h->n++;
	if (h->limit != 0)
		heap_sift_up(h, h->n - 1);
	return true;
}

/* --- The result --- */

static void
row_set_rank(const struct aggregate_group *g, struct aggregate_row *row)
{
	struct aggregate_value v;

	row->none = false;
	row->rank = 0;
	if (g->output.order == ORDER_BY_KEY)
		return;
	measure_value(g, (unsigned)g->output.order, row->state, row->key,
	    row->general, &v);
	row->none = v.kind == VALUE_NONE;
	row->rank = value_rank(&v);
}

/* The states of a row that is no group. */
static struct aggregate_row *
row_new_sum(const struct aggregate_group *g)
{
	struct aggregate_row *row = calloc(1, sizeof(*row));

	if (row == NULL)
		return NULL;
	row->key = calloc(1 + g->layout.states.n, sizeof(*row->key));
	if (row->key == NULL) {
		free(row);
		return NULL;
	}
	row->state = row->key + 1;
	states_clear(&g->layout.states, row->state);
	return row;
}

/* Is a sum greater than what can be told? */
static bool
is_saturated(const struct states *s, const uint64_t *words)
{
	for (unsigned i = 0; i < s->n; i++) {
		uint64_t most = s->state[i].input == INPUT_DURATION
		    ? SPAN_MAX_US
		    : UINT64_MAX - 1;

		if (s->state[i].kind == STATE_SUM && words[i] > most)
			return true;
	}
	return false;
}

/* Call fn for all groups; false as soon as it does. */
static bool
each_group(struct aggregate_group *g,
    bool (*fn)(void *arg, struct aggregate_row *row), void *arg)
{
	bool good = true;

	for (unsigned i = 0; i < PARTITIONS && good; i++)
		for (unsigned k = 0; k < 2 && good; k++) {
			const struct group_table *t =
			    &g->partitions.part[i].table[k];

			for (size_t n = 0; n < t->n && good; n++) {
				struct aggregate_row row = {
					.key = t->row + n * t->words,
					.general = k == 1,
				};

				row.state = row.key + t->key_words;
				good = fn(arg, &row);
			}
		}
	return good;
}

/* What is made of the groups, one after the other. */
struct collector {
	struct aggregate_group *group;
	struct aggregate_result *result;
	struct row_heap heap;
};

static bool
collect(void *arg, struct aggregate_row *row)
{
	struct collector *c = arg;
	struct aggregate_group *g = c->group;
	const struct states *states = &g->layout.states;

	if (!states_add(states, c->result->total->state, row->state))
		return false;
	if (!group_passes(g, row))
		return states_add(states, c->heap.other, row->state);
	c->result->ngroups++;
	row_set_rank(g, row);
	return heap_put(&c->heap, row);
}

/* For qsort(), which hands on no argument: rows with their group. */
struct sorted_row {
	const struct aggregate_group *group;
	struct aggregate_row row;
};

static int
compare_sorted(const void *a, const void *b)
{
	const struct sorted_row *x = a, *y = b;

	return compare_rows(x->group, &x->row, &y->row);
}

static bool
heap_sort(struct row_heap *h)
{
	struct sorted_row *all = calloc(h->n + 1, sizeof(*all));

	if (all == NULL)
		return false;
	for (size_t i = 0; i < h->n; i++)
		all[i] = (struct sorted_row){ h->group, h->row[i] };
	qsort(all, h->n, sizeof(*all), compare_sorted);
	for (size_t i = 0; i < h->n; i++)
		h->row[i] = all[i].row;
	free(all);
	return true;
}

/* The total of an output whose flows are in two groups. */
static bool
add_once(void *arg, struct aggregate_row *row)
{
	struct aggregate_result *r = arg;

	return states_add(&r->group->layout.states, r->total->state,
	    row->state);
}

static bool
result_fill(struct aggregate_result *r, struct aggregate_group *g)
{
	struct collector c = { .group = g,
		.result = r,
		.heap = { .group = g,
		    .limit = g->output.limit,
		    .other = r->other->state } };
	bool good = each_group(g, collect, &c) && heap_sort(&c.heap);

	r->rows = c.heap.row;
	r->nrows = c.heap.n;
	if (good && g->once != NULL) {
		states_drop(&g->layout.states, r->total->state);
		good = each_group(g->once, add_once, r);
	}
	/* No group has more than its flows, of which the total has all. */
	r->notes.saturated |=
	    is_saturated(&g->layout.states, r->total->state) ||
	    is_saturated(&g->layout.states, r->other->state);
	return good;
}

struct aggregate_result *
aggregate_result(struct aggregate *a, unsigned output, struct flowd_error *err)
{
	struct aggregate_group *g = &a->group[output];
	struct aggregate_result *r = calloc(1, sizeof(*r));

	if (r != NULL) {
		r->group = g;
		r->output = &g->output;
		r->key = g->key;
		r->notes = a->notes;
		r->other = row_new_sum(g);
		r->total = row_new_sum(g);
		if (r->other != NULL && r->total != NULL && result_fill(r, g))
			return r;
	}
	aggregate_result_free(r);
	(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	return NULL;
}

void
aggregate_result_free(struct aggregate_result *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->nrows; i++)
		row_fini(r->group, &r->rows[i]);
	if (r->other != NULL)
		row_fini(r->group, r->other);
	if (r->total != NULL)
		row_fini(r->group, r->total);
	free(r->other);
	free(r->total);
	free(r->rows);
	free(r);
}

void
aggregate_key(const struct aggregate_result *r, size_t row, unsigned part,
    struct aggregate_value *v)
{
	const struct aggregate_group *g = r->group;
	const struct key_part *p = &g->key.part[part];
	const struct aggregate_row *at = &r->rows[row];
	struct key_value k =
	    key_unpack(&g->layout.keys, at->general, at->key, part);

	*v = (struct aggregate_value){ .kind = VALUE_NONE };
	if (k.presence == KEY_ABSENT)
		return;
	if (p->type == KEY_ADDR) {
		v->kind = VALUE_ADDR;
		v->prefix = k.presence == KEY_V6 ? p->prefix6 : p->prefix4;
		v->addr = k.presence == KEY_V6
		    ? addr_from_v6((struct addr6){ k.hi, k.lo })
		    : addr_from_v4((uint32_t)k.lo);
	} else if (p->function == KEY_BIN) {
		v->kind = VALUE_TIME;
		v->ns = time_bin_begin(&g->bins, (uint32_t)k.lo);
	} else if (key_part_is_time(p)) {
		v->kind = VALUE_TIME;
		v->ns = (int64_t)k.lo;
	} else {
		v->kind = VALUE_UINT;
		v->uint = k.lo;
	}
}

void
aggregate_measure(const struct aggregate_result *r, size_t row,
    unsigned measure, struct aggregate_value *v)
{
	const struct aggregate_row *at = row == AGGREGATE_OTHER ? r->other
	    : row == AGGREGATE_TOTAL				? r->total
								: &r->rows[row];

	measure_value(r->group, measure, at->state,
	    row >= AGGREGATE_OTHER ? NULL : at->key, at->general, v);
}
