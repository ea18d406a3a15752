/* What came of the flows of an aggregate; see aggregate.h. */
#include <stdlib.h>
#include <string.h>

#include "aggregate_series.h"
#include "measure_value.h"
#include "prefix_map.h"

enum { CACHE_LINE = 64 };

/* Groups that a thread collects for a result. */
struct result_collector {
	struct aggregate_group *group;
	struct row_memory *memory; /* of all threads */
	uint64_t ngroups;
	struct row_heap heap;
	uint64_t total[STATES], other[STATES];
	uint8_t apart[CACHE_LINE]; /* from those of other threads */
};

static int
collect_group(void *arg, struct group_row *group, struct flowd_error *err)
{
	struct result_collector *c = arg;
	struct aggregate_group *g = c->group;
	struct aggregate_row row = { .key = group->key,
		.state = group->state,
		.general = group->general };
	bool good = states_add(&g->layout.states, c->total, row.state);

	if (good && !row_passes(g, &row)) {
		good = row_heap_leave_out(&c->heap, &row);
	} else if (good) {
		c->ngroups++;
		row_set_rank(g, &row);
		good = row_heap_put(&c->heap, &row);
	}
	return good ? 0 : row_memory_fail(c->memory, err);
}

/* Without keys all flows are a group, also when there are none. */
static int
collect_empty(struct result_collector *c, struct flowd_error *err)
{
	uint64_t key[KEY_WORDS] = { 0 }, state[STATES];
	struct group_row group = { .key = key, .state = state };

	states_clear(&c->group->layout.states, state);
	return collect_group(c, &group, err);
}

static void
collector_init(struct result_collector *c, struct aggregate_group *g,
    struct row_memory *memory)
{
	*c = (struct result_collector){ .group = g,
		.memory = memory,
		.heap = { .group = g,
		    .memory = memory,
		    .limit = g->output.limit,
		    .other = c->other } };
	states_clear(&g->layout.states, c->total);
	states_clear(&g->layout.states, c->other);
}

/* Free what has not gone to a result. */
static void
collector_fini(struct result_collector *c)
{
	for (size_t i = 0; i < c->heap.n; i++)
		row_fini(c->group, &c->heap.row[i]);
	free(c->heap.row);
	states_drop(&c->group->layout.states, c->total);
	states_drop(&c->group->layout.states, c->other);
}

/* Move what another one has collected. */
static bool
collector_join(struct result_collector *c, struct result_collector *from)
{
	const struct states *states = &c->group->layout.states;

	c->ngroups += from->ngroups;
	return states_combine(states, c->total, from->total) &&
	    states_combine(states, c->other, from->other) &&
	    row_heap_join(&c->heap, &from->heap);
}

/* All groups, by several threads where there are many. */
static int
collect_groups(struct result_collector *first, struct flowd_error *err)
{
	struct partitions *groups = &first->group->partitions;
	const unsigned n = partitions_sharers(groups);
	struct result_collector more[THREADS_AT_ONCE];
	void *arg[THREADS_AT_ONCE] = { first };
	int bad;

	for (unsigned i = 1; i < n; i++) {
		collector_init(&more[i], first->group, first->memory);
		arg[i] = &more[i];
	}
	bad = partitions_share(groups, collect_group, arg, n, err);
	for (unsigned i = 1; i < n; i++) {
		if (bad == 0 && !collector_join(first, &more[i]))
			bad = no_memory(err);
		collector_fini(&more[i]);
	}
	return bad;
}

static bool
result_take(struct aggregate_result *r, struct result_collector *c)
{
	const struct states *states = &c->group->layout.states;

	if (!row_heap_sort(&c->heap) ||
	    !states_combine(states, r->total->state, c->total) ||
	    !states_combine(states, r->other->state, c->other))
		return false;
	r->ngroups = c->ngroups;
	r->rows = c->heap.row;
	r->nrows = c->heap.n;
	c->heap.row = NULL;
	c->heap.n = 0;
	return true;
}

static int
result_collect(struct aggregate_result *r, struct aggregate_group *g,
    struct flowd_error *err)
{
	struct row_memory memory = { .max = g->result_memory };
	struct result_collector c;
	int bad;

	collector_init(&c, g, &memory);
	bad = collect_groups(&c, err);
	if (bad == 0 && g->key.nparts == 0 && c.ngroups == 0 &&
	    !c.heap.left_out)
		bad = collect_empty(&c, err);
	if (bad == 0 && !result_take(r, &c))
		bad = no_memory(err);
	collector_fini(&c);
	return bad;
}

/* The total of an output whose flows are in two groups. */
static int
result_add_once(void *arg, struct group_row *group, struct flowd_error *err)
{
	struct aggregate_result *r = arg;

	return states_add(&r->group->layout.states, r->total->state,
		   group->state)
	    ? 0
	    : no_memory(err);
}

static bool
result_is_saturated(const struct states *s, const uint64_t *words)
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

static int
result_fill(struct aggregate_result *r, struct aggregate_group *g,
    struct flowd_error *err)
{
	/* Bins alone are groups, whose key is the bin. */
	bool series = g->output.bin_ns != 0 && g->output.key.nparts > 0;
	int bad = series ? series_fill(r, g, err) : result_collect(r, g, err);

	if (bad == 0 && g->once != NULL) {
		states_drop(&g->layout.states, r->total->state);
		bad = partitions_each(
		    &g->once->partitions, result_add_once, r, err);
	}
	/* No group has more than its flows, of which the total has all. */
	r->notes.saturated |=
	    result_is_saturated(&g->layout.states, r->total->state) ||
	    result_is_saturated(&g->layout.states, r->other->state);
	return bad;
}

/* The first element in the key of which no flow had a value, or NULL. */
static const char *
missing_element(const struct aggregate_group *g)
{
	for (unsigned i = 0; i < g->key.nparts; i++) {
		const struct key_part *p = &g->key.part[i];

		if ((p->function == KEY_ELEMENT_UINT ||
			p->function == KEY_ELEMENT_OCTETS) &&
		    !(g->seen >> i & 1))
			return p->name;
	}
	return NULL;
}

struct aggregate_result *
aggregate_result(struct aggregate *a, unsigned output, struct flowd_error *err)
{
	struct aggregate_group *g = &a->group[output];
	struct aggregate_result *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		(void)no_memory(err);
		return NULL;
	}
	r->group = g;
	r->output = &g->output;
	r->key = g->key;
	r->notes = a->notes;
	r->notes.missing = missing_element(g);
	r->other = row_new_sum(g);
	r->total = row_new_sum(g);
	if (r->other == NULL || r->total == NULL)
		(void)no_memory(err);
	else if (result_fill(r, g, err) == 0)
		return r;
	aggregate_result_free(r);
	return NULL;
}

struct aggregate_result *
aggregate_result_by(struct aggregate *a, unsigned output, int order,
    uint64_t limit, struct flowd_error *err)
{
	struct aggregate_output *o = &a->group[output].output;
	const struct aggregate_output asked = *o;
	struct aggregate_result *r;

	o->order = order;
	o->ascending = false;
	o->limit = limit;
	r = aggregate_result(a, output, err);
	*o = asked;
	return r;
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

bool
aggregate_is_other(const struct aggregate_result *r, size_t row)
{
	return r->rows[row].other;
}

/* A table by its name, a prefix as a network. */
static void
set_entry(struct aggregate_value *v, const struct prefix_map_entry *entry)
{
	v->kind = entry->name != NULL ? VALUE_TEXT : VALUE_ADDR;
	if (entry->name != NULL) {
		v->text = entry->name;
	} else {
		v->addr = entry->prefix.addr;
		v->prefix = entry->prefix.len;
	}
}

/* By its name, or where it has none by its index. */
static void
set_interface(struct aggregate_value *v, const struct key_part *p,
    const struct aggregate_value *exporter, uint32_t index)
{
	const char *name = NULL;

	if (p->names != NULL && p->names->interface != NULL &&
	    exporter->kind == VALUE_ADDR)
		name = p->names->interface(
		    p->names->arg, &exporter->addr, index);
	v->kind = name != NULL ? VALUE_TEXT : VALUE_UINT;
	if (name != NULL)
		v->text = name;
	else
		v->uint = index;
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
	struct aggregate_value exporter;

	*v = (struct aggregate_value){ .kind = VALUE_NONE };
	if (k.presence == KEY_ABSENT)
		return;
	if (p->type == KEY_ADDR) {
		v->kind = VALUE_ADDR;
		v->prefix = k.presence == KEY_V6 ? p->prefix6 : p->prefix4;
		v->addr = k.presence == KEY_V6
		    ? addr_from_v6((struct addr6){ k.hi, k.lo })
		    : addr_from_v4((uint32_t)k.lo);
	} else if (p->function == KEY_ENTRY) {
		set_entry(v, &p->map->entry[k.lo]);
		v->named = true;
		v->number = k.lo;
	} else if (p->function == KEY_ELEMENT_OCTETS) {
		v->kind = VALUE_OCTETS;
		v->element = p->element.type;
		v->octets = octets_pool_get(g->pool, (uint32_t)k.lo);
	} else if (p->function == KEY_INTERFACE) {
		aggregate_key(r, row, part - p->exporter, &exporter);
		set_interface(v, p, &exporter, (uint32_t)k.lo);
		v->named = true;
		v->number = k.lo;
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
