/* Results with time bins; see aggregate_series.h. */
#include <stdlib.h>
#include <string.h>

#include "aggregate_series.h"
#include "measure_value.h"

/* The rows of a bin. */
struct bin_rows {
	uint32_t bin;
	struct row_heap heap;
	struct aggregate_row *other;
};

/*
 * Numbers of what is in an array, found by hashes: 0 is free, else the number
 * + 1. At least half of the slots are free.
 */
struct place_index {
	uint32_t *slot;
	size_t nslots; /* a power of two */
};

/* The bins that there are; sorted when all are. */
struct bin_list {
	struct bin_rows *bin;
	size_t n, cap;
	struct place_index index; /* by bin */
};

struct series_builder {
	struct aggregate_group *group;
	struct aggregate_result *result;
	struct bin_list bins;
	struct row_memory rows; /* of all bins */
	/* Of keys over all bins: their groups, and how good each is. */
	struct key key;
	struct group_layout layout;
	struct partitions *keys;
	struct group_memory memory;
	struct aggregate_group over; /* as one without bins */
	struct row_heap best;
	struct place_index best_index; /* of its rows, by key */
	uint32_t last_bin;
};

static uint32_t
row_bin(const struct aggregate_group *g, const struct aggregate_row *row)
{
	return (uint32_t)key_unpack(
	    &g->layout.keys, row->general, row->key, 0)
	    .lo;
}

static struct aggregate_row
row_of_group(const struct group_row *group)
{
	return (struct aggregate_row){ .key = group->key,
		.state = group->state,
		.general = group->general };
}

static bool
place_index_init(struct place_index *x, size_t n)
{
	free(x->slot);
	for (x->nslots = 64; x->nslots < 2 * n;)
		x->nslots *= 2;
	x->slot = calloc(x->nslots, sizeof(*x->slot));
	return x->slot != NULL;
}

/* Where to begin to look; and the next place behind that. */
static size_t
place_first(const struct place_index *x, uint64_t hash)
{
	return (size_t)(hash * UINT64_C(0x9e3779b97f4a7c15) >> 32) &
	    (x->nslots - 1);
}

static size_t
place_next(const struct place_index *x, size_t at)
{
	return (at + 1) & (x->nslots - 1);
}

static void
place_put(struct place_index *x, uint64_t hash, size_t number)
{
	size_t at = place_first(x, hash);

	while (x->slot[at] != 0)
		at = place_next(x, at);
	x->slot[at] = (uint32_t)number + 1;
}

/* --- Bins --- */

/* A key with the bin and no other value, for the row of the others. */
static bool
bin_rows_make_other(struct series_builder *s, struct bin_rows *b)
{
	struct aggregate_group *g = s->group;
	size_t nkeys = g->layout.keys.general_words;
	struct key_value value[KEY_PARTS] = { { .presence = KEY_PLAIN,
	    .lo = b->bin } };
	struct aggregate_row *row = calloc(1, sizeof(*row));

	b->other = row;
	if (row == NULL)
		return false;
	row->key = calloc(nkeys + g->layout.states.n + 1, sizeof(*row->key));
	if (row->key == NULL)
		return false;
	row->state = row->key + nkeys;
	row->general = row->other = true;
	key_pack_general(&g->layout.keys, value, row->key);
	states_clear(&g->layout.states, row->state);
	return true;
}

static bool
bin_list_grow(struct bin_list *l)
{
	size_t cap = l->cap == 0 ? 64 : 2 * l->cap;
	void *more = realloc(l->bin, cap * sizeof(*l->bin));

	if (more == NULL)
		return false;
	l->bin = more;
	l->cap = cap;
	if (!place_index_init(&l->index, cap))
		return false;
	for (size_t i = 0; i < l->n; i++)
		place_put(&l->index, l->bin[i].bin, i);
	return true;
}

/* The bin, which is added if it is new; NULL when out of memory. */
static struct bin_rows *
bin_list_find(struct series_builder *s, uint32_t bin)
{
	struct bin_list *l = &s->bins;
	struct bin_rows *b;

	if (l->n == l->cap && !bin_list_grow(l))
		return NULL;
	for (size_t at = place_first(&l->index, bin); l->index.slot[at] != 0;
	     at = place_next(&l->index, at)) {
		b = &l->bin[l->index.slot[at] - 1];
		if (b->bin == bin)
			return b;
	}
	place_put(&l->index, bin, l->n);
	b = &l->bin[l->n++];
	*b = (struct bin_rows){ .bin = bin,
		.heap = { .group = s->group, .memory = &s->rows } };
	if (!bin_rows_make_other(s, b))
		return NULL;
	b->heap.other = b->other->state;
	return b;
}

static int
bin_rows_compare(const void *a, const void *b)
{
	const struct bin_rows *x = a, *y = b;

	return x->bin < y->bin ? -1 : x->bin > y->bin;
}

/* --- Keys over all bins --- */

/* The key of a group without its bin. */
static void
drop_bin(struct series_builder *s, const struct aggregate_row *row,
    struct aggregate_row *to, uint64_t words[KEY_WORDS])
{
	const struct key_layout *from = &s->group->layout.keys;
	const struct key_layout *l = &s->layout.keys;
	struct key_value value[KEY_PARTS];
	bool plain = true;

	for (unsigned i = 0; i < l->nparts; i++) {
		value[i] = key_unpack(from, row->general, row->key, i + 1);
		plain &= value[i].presence == KEY_PLAIN;
	}
	if (plain)
		key_pack_plain(l, value, words);
	else
		key_pack_general(l, value, words);
	*to = (struct aggregate_row){ .key = words,
		.general = !plain,
		.state = row->state };
}

/*
 * Rank a key by its states over all bins. A rate is over the same time for all
 * keys, so that they are in the order of their sums.
 */
static void
series_rank_average(const struct series_builder *s, struct aggregate_row *row)
{
	const struct aggregate_group *g = s->group;
	unsigned order = (unsigned)g->output.order;
	struct aggregate_value v;

	if (g->output.order == ORDER_BY_KEY)
		return;
	if (g->output.measures.measure[order].function == MEASURE_RATE) {
		row->rank = row->state[g->layout.states.of[order][0]];
		return;
	}
	measure_value(g, order, row->state, NULL, false, &v);
	row->none = v.kind == VALUE_NONE;
	row->rank = value_rank(&v);
}

/* The rank of a group in its bin; a rate is over the time of the bin. */
static uint64_t
rank_in_bin(const struct series_builder *s, const struct aggregate_row *row)
{
	struct aggregate_row ranked = *row;

	row_set_rank(s->group, &ranked);
	return ranked.rank;
}

/*
 * What is kept of a key: for the average its states over all bins; else a word
 * with the rank of its greatest or of the last bin.
 */
static int
take_key(void *arg, struct group_row *group, struct flowd_error *err)
{
	struct series_builder *s = arg;
	const struct aggregate_row row = row_of_group(group);
	const struct states *states = &s->layout.states;
	uint64_t words[KEY_WORDS], give[KEY_WORDS + STATES + 1];
	uint64_t *copy;
	struct aggregate_row key;
	unsigned nwords;
	bool good = true;
	int bad;

	drop_bin(s, &row, &key, words);
	nwords = key.general ? s->layout.keys.general_words
			     : s->layout.keys.plain_words;
	memcpy(give, words, nwords * sizeof(*words));
	copy = give + nwords;
	states_clear(states, copy);
	if (s->group->output.series == SERIES_AVERAGE) {
		good = states_add(states, copy, row.state);
	} else if (s->group->output.series == SERIES_MAX ||
	    row_bin(s->group, &row) == s->last_bin) {
		copy[0] = rank_in_bin(s, &row);
	}
	bad = good ? partition_give(s->keys,
			 partition_of(
			     group_hash(s->layout.secret, words, nwords)),
			 key.general, give, 1, err)
		   : no_memory(err);
	/* What was given is empty. */
	if (bad != 0)
		states_drop(states, copy);
	return bad;
}

static int
series_rank_key(void *arg, struct group_row *group, struct flowd_error *err)
{
	struct series_builder *s = arg;
	struct aggregate_row row = row_of_group(group);

	if (s->group->output.series == SERIES_AVERAGE)
		series_rank_average(s, &row);
	else
		row.rank = row.state[0];
	return row_heap_put(&s->best, &row) ? 0 : no_memory(err);
}

static int
series_find_last_bin(
    void *arg, struct group_row *group, struct flowd_error *err)
{
	struct series_builder *s = arg;
	const struct aggregate_row row = row_of_group(group);
	uint32_t bin = row_bin(s->group, &row);

	(void)err;
	if (bin > s->last_bin)
		s->last_bin = bin;
	return 0;
}

static void
series_init_keys(struct series_builder *s)
{
	static const struct measures none;
	struct aggregate_group *g = s->group;

	s->key = g->output.key;
	s->layout.key = &s->key;
	key_layout_init(&s->layout.keys, &s->key);
	memcpy(s->layout.secret, g->layout.secret, sizeof(s->layout.secret));
	s->layout.states = g->layout.states;
	if (g->output.series != SERIES_AVERAGE) {
		(void)states_init(&s->layout.states, &none);
		s->layout.states.n = 1;
		s->layout.states.additive = false;
		s->layout.states.state[0].kind = STATE_MAX;
	}
	partitions_init(s->keys, &s->layout, &s->memory, NULL);
	/* Rows are compared as those of an output without bins. */
	s->over.output = g->output;
	s->over.key = s->key;
	s->over.layout = s->layout;
	s->best = (struct row_heap){ .group = &s->over,
		.limit = g->output.limit };
}

static uint64_t
series_key_hash(const struct series_builder *s, const struct aggregate_row *key)
{
	const struct key_layout *l = &s->layout.keys;

	return group_hash(s->layout.secret, key->key,
	    key->general ? l->general_words : l->plain_words);
}

static bool
series_index_best(struct series_builder *s)
{
	if (!place_index_init(&s->best_index, s->best.n))
		return false;
	for (size_t i = 0; i < s->best.n; i++)
		place_put(
		    &s->best_index, series_key_hash(s, &s->best.row[i]), i);
	return true;
}

/* Find the keys that are best over all bins. */
static int
series_find_keys(struct series_builder *s, struct flowd_error *err)
{
	struct partitions *groups = &s->group->partitions;
	uint64_t others[STATES];
	int bad;

	s->keys = calloc(1, sizeof(*s->keys));
	if (s->keys == NULL)
		return no_memory(err);
	series_init_keys(s);
	states_clear(&s->layout.states, others);
	s->best.other = others;
	bad = partitions_each(groups, series_find_last_bin, s, err);
	if (bad == 0)
		bad = partitions_each(groups, take_key, s, err);
	if (bad == 0)
		bad = partitions_each(s->keys, series_rank_key, s, err);
	states_drop(&s->layout.states, others);
	if (bad == 0 && (!row_heap_sort(&s->best) || !series_index_best(s)))
		bad = no_memory(err);
	return bad;
}

/* The place of a key among the best; s->best.n if it is none of them. */
static size_t
series_best_place(
    const struct series_builder *s, const struct aggregate_row *key)
{
	const struct key_layout *l = &s->layout.keys;
	const struct place_index *x = &s->best_index;
	unsigned n = key->general ? l->general_words : l->plain_words;

	for (size_t at = place_first(x, series_key_hash(s, key));
	     x->slot[at] != 0; at = place_next(x, at)) {
		const struct aggregate_row *row =
		    &s->best.row[x->slot[at] - 1];

		if (row->general == key->general &&
		    key_words_equal(row->key, key->key, n))
			return x->slot[at] - 1;
	}
	return s->best.n;
}

/* --- The rows --- */

/* Of which keys: those that are best stand first in each bin. */
static bool
series_put_in_order(struct series_builder *s, struct bin_rows *b,
    struct aggregate_row *row)
{
	uint64_t words[KEY_WORDS];
	struct aggregate_row key;
	size_t place;

	drop_bin(s, row, &key, words);
	place = series_best_place(s, &key);
	if (place == s->best.n)
		return row_heap_leave_out(&b->heap, row);
	row->none = false;
	row->rank = s->group->output.ascending ? place : UINT64_MAX - place;
	return row_heap_put(&b->heap, row);
}

static int
series_take_group(void *arg, struct group_row *group, struct flowd_error *err)
{
	struct series_builder *s = arg;
	struct aggregate_group *g = s->group;
	struct aggregate_row row = row_of_group(group);
	struct bin_rows *b = bin_list_find(s, row_bin(g, &row));
	bool good = b != NULL &&
	    states_add(&g->layout.states, s->result->total->state, row.state);

	if (!good)
		return no_memory(err);
	if (!row_passes(g, &row))
		return row_heap_leave_out(&b->heap, &row) ? 0 : no_memory(err);
	s->result->ngroups++;
	if (s->keys != NULL) {
		good = series_put_in_order(s, b, &row);
	} else {
		b->heap.limit = g->output.limit;
		row_set_rank(g, &row);
		good = row_heap_put(&b->heap, &row);
	}
	return good ? 0 : row_memory_fail(&s->rows, err);
}

/* Move the rows of all bins to the result, with the others of each. */
static bool
series_join_bins(struct series_builder *s)
{
	struct aggregate_result *r = s->result;
	size_t n = 0;

	for (size_t i = 0; i < s->bins.n; i++)
		n += s->bins.bin[i].heap.n + 1;
	r->rows = calloc(n + 1, sizeof(*r->rows));
	if (r->rows == NULL)
		return false;
	if (s->bins.n > 0)
		qsort(s->bins.bin, s->bins.n, sizeof(*s->bins.bin),
		    bin_rows_compare);
	for (size_t i = 0; i < s->bins.n; i++) {
		struct bin_rows *b = &s->bins.bin[i];

		if (!row_heap_sort(&b->heap))
			return false;
		for (size_t k = 0; k < b->heap.n; k++)
			r->rows[r->nrows++] = b->heap.row[k];
		b->heap.n = 0;
		if (!b->heap.left_out)
			continue;
		if (!states_add(&s->group->layout.states, r->other->state,
			b->other->state))
			return false;
		r->rows[r->nrows++] = *b->other;
		b->other->key = NULL;
	}
	return true;
}

static void
series_fini(struct series_builder *s)
{
	for (size_t i = 0; i < s->bins.n; i++) {
		struct bin_rows *b = &s->bins.bin[i];

		for (size_t k = 0; k < b->heap.n; k++)
			row_fini(s->group, &b->heap.row[k]);
		free(b->heap.row);
		if (b->other != NULL)
			row_fini(s->group, b->other);
		free(b->other);
	}
	free(s->bins.bin);
	free(s->bins.index.slot);
	free(s->best_index.slot);
	for (size_t i = 0; i < s->best.n; i++)
		row_fini(&s->over, &s->best.row[i]);
	free(s->best.row);
	if (s->keys != NULL)
		partitions_fini(s->keys);
	free(s->keys);
}

int
series_fill(struct aggregate_result *r, struct aggregate_group *g,
    struct flowd_error *err)
{
	struct series_builder s = { .group = g,
		.result = r,
		.rows = { .max = g->result_memory },
		.memory = { .max = g->partitions.memory->max } };
	int bad = 0;

	if (g->output.series != SERIES_EACH && g->output.limit != 0 &&
	    g->output.key.nparts > 0)
		bad = series_find_keys(&s, err);
	if (bad == 0)
		bad = partitions_each(
		    &g->partitions, series_take_group, &s, err);
	if (bad == 0 && !series_join_bins(&s))
		bad = no_memory(err);
	series_fini(&s);
	return bad;
}
