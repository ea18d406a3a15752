/* Rows of a result; see result_rows.h. */
#include <stdlib.h>
#include <string.h>

#include "measure_value.h"
#include "result_rows.h"

int
no_memory(struct flowd_error *err)
{
	return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
}

int
row_memory_fail(const struct row_memory *m, struct flowd_error *err)
{
	if (m->max == 0 || m->used <= m->max)
		return no_memory(err);
	return flowd_fail(err, FLOWD_ENOMEM,
	    "the groups of the result take more than the %zu kB of memory that "
	    "they may have",
	    m->max / 1000);
}

/* Is the value of a measure its state, as those of most top lists are? */
static bool
measure_is_state(const struct measure *m)
{
	return (m->function == MEASURE_FLOWS || m->function == MEASURE_SUM) &&
	    m->type == MEASURE_UINT;
}

void
row_set_rank(const struct aggregate_group *g, struct aggregate_row *row)
{
	struct aggregate_value v;

	row->none = false;
	row->rank = 0;
	if (g->output.order == ORDER_BY_KEY)
		return;
	if (measure_is_state(&g->output.measures.measure[g->output.order])) {
		row->rank =
		    row->state[g->layout.states.of[g->output.order][0]];
		return;
	}
	measure_value(g, (unsigned)g->output.order, row->state, row->key,
	    row->general, &v);
	row->none = v.kind == VALUE_NONE;
	row->rank = value_rank(&v);
}

#define ORDER(a, b) ((a) < (b) ? -1 : (a) > (b))

/* A value, which there is, and that of a test: <0, 0, >0. */
static int
having_compare(
    const struct aggregate_value *v, const struct aggregate_having *h)
{
	switch ((enum aggregate_kind)v->kind) {
	case VALUE_UINT:
		if (v->uint == h->uint && h->fraction)
			return -1;
		return ORDER(v->uint, h->uint);
	case VALUE_REAL:
		return ORDER(v->real, h->real);
	case VALUE_TIME:
		return v->ns < h->ns ? -1 : v->ns > h->last_ns;
	default:
		return ORDER(v->ns, h->ns);
	}
}

static bool
having_passes(const struct aggregate_having *h, const struct aggregate_value *v)
{
	int order;

	if (v->kind == VALUE_NONE)
		return false;
	order = having_compare(v, h);
	switch ((enum having_test)h->test) {
	case HAVING_LESS:
		return order < 0;
	case HAVING_AT_MOST:
		return order <= 0;
	case HAVING_EQUAL:
		return order == 0;
	case HAVING_NOT:
		return order != 0;
	case HAVING_AT_LEAST:
		return order >= 0;
	default:
		return order > 0;
	}
}

bool
row_passes(
    const struct aggregate_group *g, const struct aggregate_row *row)
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

/* Octets are in the order of themselves, not of their numbers. */
static int
compare_parts(const struct aggregate_group *g, unsigned part,
    const struct key_value *x, const struct key_value *y)
{
	if (g->key.part[part].function != KEY_ELEMENT_OCTETS ||
	    x->presence != y->presence || x->presence == KEY_ABSENT)
		return key_value_compare(x, y);
	return octets_compare(octets_pool_get(g->pool, (uint32_t)x->lo),
	    octets_pool_get(g->pool, (uint32_t)y->lo));
}

static int
row_compare_keys(const struct aggregate_group *g, const struct aggregate_row *a,
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
		c = compare_parts(g, i, &x, &y);
		if (c != 0)
			return c;
	}
	return 0;
}

int
row_compare(const struct aggregate_group *g, const struct aggregate_row *a,
    const struct aggregate_row *b)
{
	if (a->none != b->none)
		return a->none ? 1 : -1;
	if (a->rank != b->rank)
		return (a->rank < b->rank) == g->output.ascending ? -1 : 1;
	return row_compare_keys(g, a, b);
}

struct aggregate_row *
row_new_sum(struct aggregate_group *g)
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

static void
row_heap_sift_down(struct row_heap *h, size_t at)
{
	for (;;) {
		size_t worst = at, child = 2 * at + 1;
		struct aggregate_row row;

		for (size_t i = child; i < child + 2 && i < h->n; i++)
			if (row_compare(
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
row_heap_sift_up(struct row_heap *h, size_t at)
{
	while (at > 0) {
		size_t up = (at - 1) / 2;
		struct aggregate_row row = h->row[at];

		if (row_compare(h->group, &h->row[up], &row) >= 0)
			return;
		h->row[at] = h->row[up];
		h->row[up] = row;
		at = up;
	}
}

void
row_fini(struct aggregate_group *g, struct aggregate_row *row)
{
	if (row->key == NULL)
		return;
	states_drop(&g->layout.states, row->state);
	free(row->key);
}

/* A copy is one piece of memory, which row->key begins. */
bool
row_copy(struct aggregate_group *g, struct aggregate_row *to,
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
row_heap_room(struct row_heap *h)
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

/* Count a row that was put in; false when it is too much. */
static bool
row_heap_count(struct row_heap *h, const struct aggregate_row *row)
{
	const struct group_layout *l = &h->group->layout;
	size_t words = l->states.n +
	    (row->general ? l->keys.general_words : l->keys.plain_words);

	if (h->memory == NULL)
		return true;
	atomic_fetch_add(&h->memory->used,
	    sizeof(*row) + words * sizeof(uint64_t) +
		states_octets(&l->states, row->state));
	return h->memory->max == 0 ||
	    atomic_load(&h->memory->used) <= h->memory->max;
}

/* Is the heap full of better ones? */
static bool
row_heap_passes_over(const struct row_heap *h, const struct aggregate_row *row)
{
	return h->limit != 0 && h->n == h->limit &&
	    row_compare(h->group, row, &h->row[0]) > 0;
}

/* Leave out a row that is the heap's own, and free it. */
static bool
row_heap_drop(struct row_heap *h, struct aggregate_row *own)
{
	struct aggregate_group *g = h->group;
	bool good = states_combine(&g->layout.states, h->other, own->state);

	row_fini(g, own);
	h->left_out = true;
	return good;
}

/* Put in a row that becomes the heap's own. */
static bool
row_heap_take(struct row_heap *h, struct aggregate_row *own)
{
	struct aggregate_row worst;

	if (row_heap_passes_over(h, own))
		return row_heap_drop(h, own);
	if (h->limit != 0 && h->n == h->limit) {
		worst = h->row[0];
		h->row[0] = *own;
		row_heap_sift_down(h, 0);
		return row_heap_drop(h, &worst);
	}
	if (!row_heap_room(h)) {
		row_fini(h->group, own);
		return false;
	}
	h->row[h->n++] = *own;
	if (h->limit != 0)
		row_heap_sift_up(h, h->n - 1);
	return true;
}

bool
row_heap_put(struct row_heap *h, const struct aggregate_row *row)
{
	const bool more = h->limit == 0 || h->n < h->limit;
	struct aggregate_row copy;

	if (row_heap_passes_over(h, row))
		return row_heap_leave_out(h, row);
	return row_copy(h->group, &copy, row) &&
	    row_heap_take(h, &copy) && (!more || row_heap_count(h, row));
}

bool
row_heap_join(struct row_heap *h, struct row_heap *from)
{
	bool good = true;

	while (from->n > 0 && good)
		good = row_heap_take(h, &from->row[--from->n]);
	h->left_out |= from->left_out;
	return good;
}

bool
row_heap_leave_out(struct row_heap *h, const struct aggregate_row *row)
{
	h->left_out = true;
	return states_add(
	    &h->group->layout.states, h->other, row->state);
}

/* For qsort(), which hands on no argument: rows with their group. */
struct sorted_row {
	const struct aggregate_group *group;
	struct aggregate_row row;
};

static int
sorted_row_compare(const void *a, const void *b)
{
	const struct sorted_row *x = a, *y = b;

	return row_compare(x->group, &x->row, &y->row);
}

bool
row_heap_sort(struct row_heap *h)
{
	struct sorted_row *all = calloc(h->n + 1, sizeof(*all));

	if (all == NULL)
		return false;
	for (size_t i = 0; i < h->n; i++)
		all[i] = (struct sorted_row){ h->group, h->row[i] };
	qsort(all, h->n, sizeof(*all), sorted_row_compare);
	for (size_t i = 0; i < h->n; i++)
		h->row[i] = all[i].row;
	free(all);
	return true;
}
