/* Flows of a scan go to their groups; see aggregate.h. */
#include <stdlib.h>
#include <string.h>

#include "aggregate_head.h"
#include "thread.h"

/* A block as a group, by its head. */
struct head_words {
	uint64_t key[KEY_WORDS], state[STATES];
	bool general;
};

/* What a thread works with. */
struct aggregate_worker {
	struct aggregate *aggregate;
	struct inputs inputs;
	struct row_list rows;
	struct flow_parts *parts;
	struct flow_parts *source; /* those of them that count for the source */
	struct key_values *keys; /* of each output */
	struct time_bins *bins;
	struct head_words *heads;
};

/* What it has gathered. */
struct aggregate_partial {
	struct aggregate *aggregate;
	struct local_groups *groups; /* of each output */
	struct aggregate_notes notes;
};

/* --- The aggregate --- */

/* Behind the bin are the parts that the output asks for. */
static void
key_with_bin(struct key *key, const struct aggregate_output *o)
{
	*key = o->key;
	if (o->bin_ns == 0)
		return;
	memmove(key->part + 1, key->part, key->nparts * sizeof(*key->part));
	key->part[0] = (struct key_part){ .name = "time",
		.function = KEY_BIN,
		.bits = 32 };
	key->nparts++;
	if (key->unordered >= 0)
		key->unordered++;
}

static void
want_inputs(struct aggregate *a, const struct aggregate_group *g)
{
	for (unsigned i = 0; i < g->layout.states.n; i++)
		if (g->layout.states.state[i].kind != STATE_FLOWS)
			a->wanted[g->layout.states.state[i].input] = true;
	if (g->output.bin_ns != 0) {
		a->wanted[INPUT_END] = true;
		a->wanted[INPUT_BEGIN] |= !g->output.bin_by_end;
	}
}

static int
group_init(struct aggregate *a, struct aggregate_group *g,
    const struct aggregate_output *o, const struct aggregate_plan *plan,
    struct flowd_error *err)
{
	if (o->key.nparts + (o->bin_ns != 0) > KEY_PARTS)
		return flowd_fail(err, FLOWD_EINVAL,
		    "a key has at most %d parts", KEY_PARTS - 1);
	if (o->bin_ns != 0 &&
	    (o->bin_ns < BIN_MIN_NS || o->bin_ns > BIN_MAX_NS))
		return flowd_fail(err, FLOWD_EINVAL,
		    "a time bin has from 1 second to 366 days");
	g->output = *o;
	g->result_memory = plan->result_memory;
	g->pool = &a->pool;
	key_with_bin(&g->key, o);
	g->layout.key = &g->key;
	key_layout_init(&g->layout.keys, &g->key);
	if (!states_init(&g->layout.states, &o->measures))
		return flowd_fail(err, FLOWD_EINVAL, "too many measures");
	g->layout.secret[0] = plan->seed;
	g->layout.secret[1] = plan->seed * UINT64_C(0xd1342543de82ef95) | 1;
	if (o->bin_ns != 0)
		time_bins_init(&g->bins, o->bin_ns, plan->zone, plan->now_ns);
	partitions_init(&g->partitions, &g->layout, &a->memory, &a->file);
	g->partitions.threads = thread_count(plan->threads);
	want_inputs(a, g);
	return 0;
}

/* Another output that has each flow once. */
static int
group_init_once(struct aggregate *a, struct aggregate_group *g,
    const struct aggregate_plan *plan, struct flowd_error *err)
{
	struct aggregate_output total = { .measures = g->output.measures,
		.key = { .unordered = -1 },
		.bin_ns = g->output.bin_ns,
		.bin_by_end = g->output.bin_by_end,
		.order = ORDER_BY_KEY };

	g->once = &a->group[a->n++];
	return group_init(a, g->once, &total, plan, err);
}

struct aggregate *
aggregate_new(const struct aggregate_plan *plan, struct flowd_error *err)
{
	struct aggregate *a = calloc(1, sizeof(*a));
	int bad = 0;

	if (a != NULL)
		a->group = calloc(2 * plan->noutputs + 1, sizeof(*a->group));
	if (a == NULL || a->group == NULL ||
	    !octets_pool_init(&a->pool, &a->memory, plan->seed)) {
		(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
		if (a != NULL)
			free(a->group);
		free(a);
		return NULL;
	}
	a->zone = plan->zone;
	a->scale = plan->scale;
	a->memory.max = plan->memory;
	a->file.fd = plan->spill_fd > 0 ? plan->spill_fd : -1;
	a->n = a->nasked = plan->noutputs;
	for (unsigned i = 0; i < plan->noutputs && bad == 0; i++) {
		struct aggregate_group *g = &a->group[i];

		bad = group_init(a, g, &plan->outputs[i], plan, err);
		if (bad == 0 && g->key.either)
			bad = group_init_once(a, g, plan, err);
	}
	if (bad == 0)
		return a;
	aggregate_free(a);
	return NULL;
}

void
aggregate_free(struct aggregate *a)
{
	if (a == NULL)
		return;
	for (unsigned i = 0; i < a->n; i++)
		partitions_fini(&a->group[i].partitions);
	octets_pool_fini(&a->pool);
	free(a->group);
	free(a);
}

static void
colset_join(struct colset *set, struct colset more)
{
	set->word[0] |= more.word[0];
	set->word[1] |= more.word[1];
}

/* Addresses of which numbers will do: those that are nothing but keys. */
static struct colset
number_columns(const struct aggregate *a)
{
	struct colset set = { { 0, 0 } }, inputs = { { 0, 0 } };

	for (unsigned i = 0; i < a->n; i++) {
		const struct key *key = &a->group[i].key;

		for (unsigned k = 0; k < key->nparts; k++)
			if (key->part[k].type == KEY_ADDR ||
			    key->part[k].function == KEY_ENTRY)
				colset_join(
				    &set, key_part_columns(&key->part[k]));
	}
	for (unsigned i = 0; i < COL_COUNT; i++)
		if (a->wanted[i])
			colset_add(&inputs, i);
	return colset_without(set, inputs);
}

void
aggregate_want(const struct aggregate *a, struct scan_plan *plan)
{
	struct colset *set = &plan->columns;

	for (unsigned i = 0; i < INPUT_COUNT; i++)
		if (a->wanted[i])
			colset_join(set, input_columns(i));
	for (unsigned i = 0; i < a->n; i++)
		for (unsigned k = 0; k < a->group[i].key.nparts; k++)
			colset_join(set,
			    key_part_columns(&a->group[i].key.part[k]));
	if (a->scale)
		colset_add(set, COL_sampling_interval);
	plan->numbered = number_columns(a);
}

/* --- A thread --- */

static void
worker_free(void *state)
{
	struct aggregate_worker *w = state;

	if (w == NULL)
		return;
	inputs_fini(&w->inputs);
	for (unsigned i = 0; w->keys != NULL && i < w->aggregate->n; i++)
		key_values_fini(&w->keys[i]);
	free(w->keys);
	free(w->bins);
	free(w->heads);
	free(w->parts);
	free(w->source);
	free(w);
}

static bool
worker_init(struct aggregate_worker *w, struct aggregate *a)
{
	w->aggregate = a;
	w->parts = calloc(1, sizeof(*w->parts));
	w->source = calloc(1, sizeof(*w->source));
	w->keys = calloc(a->n + 1, sizeof(*w->keys));
	w->bins = calloc(a->n + 1, sizeof(*w->bins));
	w->heads = calloc(a->n + 1, sizeof(*w->heads));
	row_list_init(&w->rows);
	memcpy(w->inputs.wanted, a->wanted, sizeof(a->wanted));
	w->inputs.scale = a->scale;
	if (w->parts == NULL || w->source == NULL || w->keys == NULL ||
	    w->bins == NULL || w->heads == NULL ||
	    !inputs_init(&w->inputs))
		return false;
	for (unsigned i = 0; i < a->n; i++) {
		w->bins[i] = a->group[i].bins;
		if (!key_values_init(
			&w->keys[i], &a->group[i].key, &a->pool, a->zone))
			return false;
	}
	return true;
}

static void *
worker_new(void *arg, struct flowd_error *err)
{
	struct aggregate_worker *w = calloc(1, sizeof(*w));

	if (w != NULL && worker_init(w, arg))
		return w;
	(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	worker_free(w);
	return NULL;
}

static void
partial_free(void *partial)
{
	struct aggregate_partial *p = partial;

	if (p == NULL)
		return;
	for (unsigned i = 0; p->groups != NULL && i < p->aggregate->n; i++)
		local_groups_fini(&p->groups[i]);
	free(p->groups);
	free(p);
}

static bool
partial_init(struct aggregate_partial *p, struct aggregate *a)
{
	p->aggregate = a;
	p->groups = calloc(a->n + 1, sizeof(*p->groups));
	if (p->groups == NULL)
		return false;
	for (unsigned i = 0; i < a->n; i++)
		if (!local_groups_init(&p->groups[i],
			&a->group[i].layout, &a->group[i].partitions))
			return false;
	return true;
}

static void *
partial_new(void *arg, struct flowd_error *err)
{
	struct aggregate_partial *p = calloc(1, sizeof(*p));

	if (p != NULL && partial_init(p, arg))
		return p;
	(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	partial_free(p);
	return NULL;
}

/* Have the two sides the same values? Then a flow counts once. */
static bool
sides_equal(const struct key *key, const struct batch *batch, size_t row)
{
	for (unsigned i = 0; i < key->nparts; i++) {
		const struct key_part *p = &key->part[i];
		struct key_value v[2];

		if (!key_part_is_sided(p))
			continue;
		for (unsigned side = 0; side < 2; side++)
			v[side] = key_part_value(p, side, batch, row);
		if (key_value_compare(&v[0], &v[1]) != 0)
			return false;
	}
	return true;
}

/* Has an end of the flow an entry, of any of the tables of the key? */
static bool
side_has_entry(const struct key *key, unsigned side,
    const struct batch *batch, size_t row)
{
	for (unsigned i = 0; i < key->nparts; i++) {
		const struct key_part *p = &key->part[i];

		if (p->function == KEY_ENTRY && key_part_is_sided(p) &&
		    key_part_value(p, side, batch, row).presence != KEY_ABSENT)
			return true;
	}
	return false;
}

/* Does the flow count for its source, 0, or its destination, 1? */
static bool
side_counts(const struct key *key, unsigned side, const struct batch *batch,
    size_t row)
{
	if (key->either_entry && !side_has_entry(key, side, batch, row) &&
	    side_has_entry(key, 1 - side, batch, row))
		return false;
	return side == 0 || !sides_equal(key, batch, row);
}

/* The parts of flows that count for a side. to may be from. */
static void
parts_keep_side(struct flow_parts *to, const struct flow_parts *from,
    const struct key *key, unsigned side, const struct batch *batch)
{
	const size_t all = from->n, whole = from->nwhole;
	const uint16_t *row = from->row;
	size_t n = 0, nwhole = 0;

	to->one_bin = from->one_bin;
	if (all > 0)
		to->bin[0] = from->bin[0];
	for (size_t i = 0; i < all; i++) {
		if (!side_counts(key, side, batch, row[i]))
			continue;
		to->own_row[n] = row[i];
		if (!from->one_bin)
			to->bin[n] = from->bin[i];
		nwhole += i < whole;
		if (i >= whole)
			to->share[n] = from->share[i];
		n++;
	}
	to->dense = from->dense && n == all;
	to->nwhole = nwhole;
	to->row = to->own_row;
	to->n = n;
}

static int
take_parts(struct aggregate_worker *w, struct local_groups *groups,
    unsigned i, const struct flow_parts *parts, unsigned side,
    const struct batch *batch, struct flowd_error *err)
{
	if (!key_values_load(&w->keys[i], batch, parts, side))
		return flowd_fail(err, FLOWD_ENOMEM,
		    "values of elements take more memory than they may");
	if (w->keys[i].seen != 0)
		(void)atomic_fetch_or(
		    &w->aggregate->group[i].seen, w->keys[i].seen);
	return local_groups_take(
	    groups, &w->keys[i], &w->inputs, parts, err);
}

/* The same of the source, and where the key has sides of the destination. */
static int
take_sides(struct aggregate_worker *w, struct local_groups *groups,
    unsigned i, const struct batch *batch, struct flowd_error *err)
{
	const struct key *key = &w->aggregate->group[i].key;
	const struct flow_parts *source = w->parts;
	int bad;

	if (key->either_entry) {
		parts_keep_side(w->source, w->parts, key, 0, batch);
		source = w->source;
	}
	bad = take_parts(w, groups, i, source, 0, batch, err);
	if (bad != 0 || !key->either)
		return bad;
	parts_keep_side(w->parts, w->parts, key, 1, batch);
	return take_parts(w, groups, i, w->parts, 1, batch, err);
}

/* The rows of a batch for one output. */
static int
take_output(struct aggregate_worker *w, struct aggregate_partial *p,
    unsigned i, const struct batch *batch, uint64_t *timeless,
    uint64_t *too_long, struct flowd_error *err)
{
	const struct aggregate_group *g = &w->aggregate->group[i];
	struct flow_cutter cutter = { .rows = &w->rows,
		.inputs = &w->inputs,
		.bins = g->output.bin_ns != 0 ? &w->bins[i] : NULL,
		.by_end = g->output.bin_by_end };
	int bad = 0;

	while (bad == 0 && flow_cutter_next(&cutter, w->parts))
		bad = take_sides(w, &p->groups[i], i, batch, err);
	/* What several outputs have in common is said once. */
	if (cutter.timeless > *timeless)
		*timeless = cutter.timeless;
	if (cutter.too_long > *too_long)
		*too_long = cutter.too_long;
	return bad;
}

static int
take_batch(void *state, void *partial, const struct batch *batch,
    struct flowd_error *err)
{
	struct aggregate_worker *w = state;
	struct aggregate_partial *p = partial;
	uint64_t timeless = 0, too_long = 0;
	int bad = 0;

	row_list_load(&w->rows, batch);
	if (w->rows.n == 0)
		return 0;
	inputs_load(&w->inputs, batch);
	p->notes.flows += w->rows.n;
	p->notes.unscaled += w->inputs.unscaled;
	w->inputs.unscaled = 0;
	for (unsigned i = 0; i < w->aggregate->n && bad == 0; i++)
		bad = take_output(
		    w, p, i, batch, &timeless, &too_long, err);
	p->notes.timeless += timeless;
	p->notes.too_long += too_long;
	return bad;
}

/* A block of which all flows pass: for all outputs by its head, or for none. */
static int
take_head(void *state, void *partial, const struct block *block,
    struct flowd_error *err)
{
	struct aggregate_worker *w = state;
	struct aggregate_partial *p = partial;
	struct aggregate *a = w->aggregate;
	struct head_words *words = w->heads;
	int bad = 0;

	if (a->scale)
		return 0;
	for (unsigned i = 0; i < a->n; i++)
		if (!head_group(&a->group[i], block, &w->bins[i],
			words[i].key, &words[i].general, words[i].state))
			return 0;
	for (unsigned i = 0; i < a->n && bad == 0; i++)
		bad = local_groups_put(&p->groups[i], words[i].key,
		    words[i].general, words[i].state, err);
	p->notes.flows += block->nrows;
	return bad == 0 ? 1 : bad;
}

static int
emit_partial(void *arg, void *partial, struct flowd_error *err)
{
	struct aggregate *a = arg;
	struct aggregate_partial *p = partial;
	int bad = 0;

	for (unsigned i = 0; i < a->n && bad == 0; i++)
		bad = local_groups_flush(&p->groups[i], err);
	a->notes.flows += p->notes.flows;
	a->notes.unscaled += p->notes.unscaled;
	a->notes.timeless += p->notes.timeless;
	a->notes.too_long += p->notes.too_long;
	p->notes = (struct aggregate_notes){ 0 };
	return bad;
}

const struct scan_consumer aggregate_consumer = {
	.begin = worker_new,
	.batch = take_batch,
	.head = take_head,
	.partial = partial_new,
	.emit = emit_partial,
	.drop = partial_free,
	.end = worker_free,
};

int
aggregate_run(struct aggregate *a, struct scan *scan, struct flowd_error *err)
{
	return scan_run(scan, &aggregate_consumer, a, err);
}
