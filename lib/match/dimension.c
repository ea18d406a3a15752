/*
 * Dimensions; see dimension.h.
 *
 * A sweep visits the values of the column in order. Where a leaf becomes true
 * or false, its 128-bit hash is xor-ed into the key of the current values:
 * values with equal keys are in the same class.
 */
#include <stdlib.h>
#include <string.h>

#include "dimension.h"
#include "map.h"

enum {
	SMALL_MAX = 65536, /* values of the direct table */
	/* up to so many boundaries are counted one by one */
	SMALL_WORTH = 8,
	/* bits of the index, as few boundaries may be far apart */
	INDEX_LEAST = 10,
	/* boundaries of a set that gets a dimension of its own */
	SET_LARGE = 4096,
	MASKED_WORK_MAX = 200 * 1000 * 1000 /* tests of values */
};

struct class_key {
	uint64_t a, b;
};

/* A class that has been found, in a hash table. */
struct found_class {
	struct class_key key;
	uint32_t cls; /* + 1; 0: the slot is free */
};

/* The next value at which a leaf becomes true or false. */
struct sweep_event {
	struct addr6 at; /* numbers and IPv4: lo */
	size_t leaf;
	/* index of the boundary of its set, or which end of its range */
	size_t next;
};

struct sweep {
	struct dimension *d;
	class_fn fn;
	void *arg;
	struct class_key key; /* key of the current values */
	/* a bit for each leaf: is it true for the current values? */
	uint64_t *truth;
	struct found_class *found;
	size_t nfound; /* number of slots, a power of two */
	struct sweep_event *heap; /* the nearest event first */
	size_t nheap;
	uint8_t family; /* the current family of addresses */
};

static struct class_key
leaf_key(size_t leaf)
{
	return (struct class_key){ map_hash(&leaf, sizeof(leaf), 1),
		map_hash(&leaf, sizeof(leaf), 2) };
}

static void
truth_toggle(struct sweep *w, size_t leaf)
{
	struct class_key k = leaf_key(leaf);

	w->key.a ^= k.a;
	w->key.b ^= k.b;
	w->truth[leaf / 64] ^= UINT64_C(1) << (leaf % 64);
}

static struct found_class *
found_slot(struct found_class *slots, size_t n, const struct class_key *key)
{
	size_t i = key->a & (n - 1);

	while (slots[i].cls != 0 &&
	    (slots[i].key.a != key->a || slots[i].key.b != key->b))
		i = (i + 1) & (n - 1);
	return &slots[i];
}

static bool
found_grow(struct sweep *w)
{
	size_t n = w->nfound == 0 ? 64 : 2 * w->nfound;
	struct found_class *more = calloc(n, sizeof(*more));

	if (more == NULL)
		return false;
	for (size_t i = 0; i < w->nfound; i++)
		if (w->found[i].cls != 0)
			*found_slot(more, n, &w->found[i].key) = w->found[i];
	free(w->found);
	w->found = more;
	w->nfound = n;
	return true;
}

/* Finds the class of the current values. False when out of memory. */
static bool
find_class(struct sweep *w, uint32_t *cls)
{
	struct found_class *m;

	if (2 * ((size_t)w->d->nclasses + 1) > w->nfound && !found_grow(w))
		return false;
	m = found_slot(w->found, w->nfound, &w->key);
	if (m->cls == 0) {
		*m = (struct found_class){ w->key, ++w->d->nclasses };
		if (!w->fn(w->arg, m->cls - 1, w->truth))
			return false;
	}
	*cls = m->cls - 1;
	return true;
}

/* The heap of events: its order. */

static bool
is_before(const struct sweep_event *a, const struct sweep_event *b)
{
	return addr6_less(a->at, b->at);
}

static void
sink_event(struct sweep *w, size_t i)
{
	struct sweep_event t = w->heap[i];

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= w->nheap)
			break;
		if (child + 1 < w->nheap &&
		    is_before(&w->heap[child + 1], &w->heap[child]))
			child++;
		if (!is_before(&w->heap[child], &t))
			break;
		w->heap[i] = w->heap[child];
		i = child;
	}
	w->heap[i] = t;
}

static struct addr6
class_number(uint64_t v)
{
	return (struct addr6){ 0, v };
}

static bool
range_turn(const struct expr *e, size_t i, struct addr6 *at)
{
	*at = class_number(i == 0 ? e->lo : e->hi + 1);
	return i == 0 || (i == 1 && e->hi != UINT64_MAX);
}

static bool
prefix_turn(const struct expr *e, uint8_t family, size_t i, struct addr6 *at)
{
	const struct prefix *p = &e->prefix;
	struct addr6 mask = addr6_mask(p->len);
	uint64_t size4 = UINT64_C(1) << 32 >> p->len % 33;

	if (p->addr.family != family || i > 1)
		return false;
	if (family == ADDR_V4) {
		*at = class_number(p->addr.v4 + (i == 0 ? 0 : size4));
		return at->lo <= UINT32_MAX;
	}
	*at = p->addr.v6;
	if (i == 0)
		return true;
	at->hi |= ~mask.hi;
	at->lo |= ~mask.lo;
	at->lo++;
	at->hi += at->lo == 0;
	return at->hi != 0 || at->lo != 0;
}

static bool
set_turn(const struct expr *e, uint8_t family, size_t i, struct addr6 *at)
{
	if (family == ADDR_V4) {
		if (i >= e->set->v4.n)
			return false;
		*at = class_number(e->set->v4.at[i]);
		return true;
	}
	if (i >= e->set->v6.n)
		return false;
	*at = e->set->v6.at[i];
	return true;
}

static bool
numbers_turn(const struct expr *e, size_t i, struct addr6 *at)
{
	if (i >= e->nplaces)
		return false;
	*at = class_number(e->places[i]);
	return true;
}

/* The i-th event of a leaf, from 0 on; false after the last one. */
static bool
leaf_event(const struct expr *e, uint8_t family, size_t i, struct addr6 *at)
{
	switch (e->kind) {
	case EXPR_RANGE:
		return range_turn(e, i, at);
	case EXPR_NUMBERS:
		return numbers_turn(e, i, at);
	case EXPR_PREFIX:
		return prefix_turn(e, family, i, at);
	case EXPR_SET:
		return set_turn(e, family, i, at);
	case EXPR_FAMILY:
		*at = class_number(0);
		return i == 0 && e->family == family;
	case EXPR_HAS:
		*at = class_number(0);
		return i == 0;
	default: /* masked leaves are not swept */
		return false;
	}
}

/* Starts with all leaves false and their first events in the heap. */
static void
sweep_begin(struct sweep *w, uint8_t family)
{
	const struct dimension *d = w->d;

	w->key = (struct class_key){ 0, 0 };
	memset(w->truth, 0, bitmap_words(d->nleaves) * sizeof(*w->truth));
	w->family = family;
	w->nheap = 0;
	for (size_t i = 0; i < d->nleaves; i++) {
		struct sweep_event t = { .leaf = i };

		if (leaf_event(d->leaves[i], family, 0, &t.at))
			w->heap[w->nheap++] = t;
	}
	for (size_t i = w->nheap / 2; i-- > 0;)
		sink_event(w, i);
}

/* Processes all events at the lowest value; false when there are none. */
static bool
sweep_step(struct sweep *w, struct addr6 *at)
{
	if (w->nheap == 0)
		return false;
	*at = w->heap[0].at;
	while (w->nheap > 0 && w->heap[0].at.hi == at->hi &&
	    w->heap[0].at.lo == at->lo) {
		struct sweep_event *t = &w->heap[0];

		truth_toggle(w, t->leaf);
		if (!leaf_event(w->d->leaves[t->leaf], w->family, ++t->next,
			&t->at))
			*t = w->heap[--w->nheap];
		if (w->nheap > 0)
			sink_event(w, 0);
	}
	return true;
}

/* The maximum number of events of the leaves. */
static size_t
count_events(const struct dimension *d, uint8_t family)
{
	size_t n = 0;

	for (size_t i = 0; i < d->nleaves; i++) {
		const struct expr *e = d->leaves[i];

		if (e->kind == EXPR_NUMBERS)
			n += e->nplaces;
		else if (e->kind == EXPR_SET)
			n += family == ADDR_V4 ? e->set->v4.n : e->set->v6.n;
		else
			n += 2;
	}
	return n;
}

static bool
holds_of_zero(const struct expr *e, uint64_t zero)
{
	switch (e->kind) {
	case EXPR_RANGE:
		return zero - e->lo <= e->hi - e->lo;
	case EXPR_NUMBERS:
		return expr_numbers_have(e, zero);
	case EXPR_MASKED:
		return e->lo == 0;
	default:
		return false;
	}
}

/* Finds the class of rows without a value, which test as 0 except by "has". */
static bool
find_missing(struct sweep *w)
{
	const struct dimension *d = w->d;

	w->key = (struct class_key){ 0, 0 };
	memset(w->truth, 0, bitmap_words(d->nleaves) * sizeof(*w->truth));
	for (size_t i = 0; i < d->nleaves; i++) {
		const struct expr *e = d->leaves[i];
		uint64_t zero = !column_is_derived(d->col) &&
			column_info[d->col].type == COLUMN_TIME
		    ? EXPR_TIME_BIAS
		    : 0;

		if (holds_of_zero(e, zero))
			truth_toggle(w, i);
	}
	return find_class(w, &w->d->missing);
}

static size_t
count_masked(const struct dimension *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->nleaves; i++)
		n += d->leaves[i]->kind == EXPR_MASKED;
	return n;
}

/* A table of all values, for columns of 8 and 16 bits. */
static bool
make_small(struct sweep *w, size_t nvalues)
{
	struct dimension *d = w->d;
	size_t nmasked = count_masked(d);
	struct addr6 at;

	if (nmasked * nvalues > MASKED_WORK_MAX)
		return false;
	d->small = malloc(nvalues * sizeof(*d->small));
	if (d->small == NULL)
		return false;
	d->nsmall = nvalues;
	sweep_begin(w, ADDR_NONE);
	for (size_t v = 0; v < nvalues; v++) {
		if (w->nheap > 0 && w->heap[0].at.lo == v)
			(void)sweep_step(w, &at);
		for (size_t i = 0; nmasked > 0 && i < d->nleaves; i++) {
			const struct expr *e = d->leaves[i];
			bool now;

			if (e->kind != EXPR_MASKED)
				continue;
			now = (v & e->mask) - e->lo <= e->hi - e->lo;
			if (now != bitmap_test(w->truth, i))
				truth_toggle(w, i);
		}
		if (!find_class(w, &d->small[v]))
			return false;
	}
	return true;
}

/* Adds a table of the lowest values. */
static bool
add_small(struct dimension *d)
{
	size_t i = 0;

	if (d->nat <= SMALL_WORTH)
		return true;
	d->small = malloc(SMALL_MAX * sizeof(*d->small));
	if (d->small == NULL)
		return false;
	d->nsmall = SMALL_MAX;
	for (size_t v = 0; v < SMALL_MAX; v++) {
		while (i + 1 < d->nat && d->at[i + 1] <= v)
			i++;
		d->small[v] = d->at_class[i];
	}
	return true;
}

static bool
make_numbers(struct sweep *w)
{
	struct dimension *d = w->d;
	size_t max = count_events(d, ADDR_NONE) + 1;
	struct addr6 at = { 0, 0 };

	d->at = malloc(max * sizeof(*d->at));
	d->at_class = malloc(max * sizeof(*d->at_class));
	if (d->at == NULL || d->at_class == NULL)
		return false;
	sweep_begin(w, ADDR_NONE);
	if (w->nheap > 0 && w->heap[0].at.lo == 0)
		(void)sweep_step(w, &at);
	at = class_number(0);
	do {
		d->at[d->nat] = at.lo;
		if (!find_class(w, &d->at_class[d->nat++]))
			return false;
	} while (sweep_step(w, &at));
	return add_small(d);
}

static bool
make_v4(struct sweep *w)
{
	struct dimension *d = w->d;
	size_t max = count_events(d, ADDR_V4) + 1, n = 0;
	uint32_t *places = malloc(max * sizeof(*places));
	struct addr6 at;

	d->class4 = malloc((max + 1) * sizeof(*d->class4));
	if (places == NULL || d->class4 == NULL) {
		free(places);
		return false;
	}
	sweep_begin(w, ADDR_V4);
	if (!find_class(w, &d->class4[0])) {
		free(places);
		return false;
	}
	while (sweep_step(w, &at)) {
		places[n++] = (uint32_t)at.lo;
		if (!find_class(w, &d->class4[n])) {
			free(places);
			return false;
		}
	}
	if (!boundaries4_init(&d->v4, places, n, INDEX_LEAST))
		return false;
	(void)trie4_init(&d->trie, &d->v4, d->class4);
	return true;
}

static bool
make_v6(struct sweep *w)
{
	struct dimension *d = w->d;
	size_t max = count_events(d, ADDR_V6) + 1, n = 0;
	struct addr6 *places = malloc(max * sizeof(*places)), at;

	d->class6 = malloc((max + 1) * sizeof(*d->class6));
	if (places == NULL || d->class6 == NULL) {
		free(places);
		return false;
	}
	sweep_begin(w, ADDR_V6);
	if (!find_class(w, &d->class6[0])) {
		free(places);
		return false;
	}
	while (sweep_step(w, &at)) {
		places[n++] = at;
		if (!find_class(w, &d->class6[n])) {
			free(places);
			return false;
		}
	}
	return boundaries6_init(&d->v6, places, n, INDEX_LEAST);
}

/* One large set with two classes, looked up in the set itself. */
static bool
make_set(struct sweep *w)
{
	struct dimension *d = w->d;
	uint32_t cls;

	memset(w->truth, 0, sizeof(*w->truth));
	if (!find_class(w, &cls))
		return false;
	d->missing = cls;
	truth_toggle(w, 0);
	d->set = d->leaves[0]->set;
	return find_class(w, &cls);
}

bool
dimension_wants_own(const struct expr *leaf)
{
	return leaf->kind == EXPR_SET &&
	    leaf->set->v4.n + leaf->set->v6.n > SET_LARGE;
}

static bool
classes_make(struct sweep *w)
{
	struct dimension *d = w->d;

	if (d->nleaves == 1 && dimension_wants_own(d->leaves[0]))
		return make_set(w);
	if (!find_missing(w))
		return false;
	if (column_is_derived(d->col))
		return make_numbers(w);
	switch (column_info[d->col].type) {
	case COLUMN_U8:
		return make_small(w, 256);
	case COLUMN_U16:
		return make_small(w, 65536);
	case COLUMN_ADDR:
		return make_v4(w) && make_v6(w);
	default:
		return make_numbers(w);
	}
}

bool
dimension_init(struct dimension *d, unsigned col, const struct expr **leaves,
    size_t nleaves, class_fn fn, void *arg)
{
	struct sweep w = { .d = d, .fn = fn, .arg = arg };
	bool made = false;

	*d = (struct dimension){
		.col = (uint8_t)col, .leaves = leaves, .nleaves = nleaves
	};
	w.truth = calloc(bitmap_words(nleaves) + 1, sizeof(*w.truth));
	w.heap = calloc(nleaves + 1, sizeof(*w.heap));
	if (w.truth != NULL && w.heap != NULL)
		made = classes_make(&w);
	free(w.truth);
	free(w.heap);
	free(w.found);
	if (!made)
		dimension_fini(d);
	return made;
}

void
dimension_fini(struct dimension *d)
{
	free(d->small);
	free(d->at);
	free(d->at_class);
	free(d->class4);
	free(d->class6);
	trie4_fini(&d->trie);
	boundaries4_fini(&d->v4);
	boundaries6_fini(&d->v6);
	*d = (struct dimension){ .nclasses = 0 };
}

static inline uint32_t
number_class(const struct dimension *d, uint64_t v)
{
	size_t i = 0, end = d->nat;

	if (v < d->nsmall)
		return d->small[v];
	while (end - i > 1) {
		size_t middle = i + (end - i) / 2;

		if (d->at[middle] <= v)
			i = middle;
		else
			end = middle;
	}
	return d->at_class[i];
}

static inline uint32_t
v4_class(const struct dimension *d, uint32_t v4)
{
	if (d->set != NULL)
		return (uint32_t)prefix_set_has4(d->set, v4);
	return d->trie.entry != NULL ? trie4_find(&d->trie, v4)
				     : d->class4[boundaries4_find(&d->v4, v4)];
}

static inline uint32_t
v6_class(const struct dimension *d, struct addr6 v6)
{
	return d->set != NULL ? (uint32_t)prefix_set_has6(d->set, v6)
			      : d->class6[boundaries6_find(&d->v6, v6)];
}

/* The keys of up to 64 rows. */
struct chunk {
	uint64_t *keys;
	size_t stride;
	uint64_t unit; /* the weight of a class in the key */
	size_t first, n;
};

/*
 * The loops work on local copies: the compiler knows that the stores of keys do
 * not change them.
 */
#define EACH_ROW(class_of_r) \
	do { \
		uint64_t *restrict key = ch->keys + ch->first * ch->stride; \
		const size_t first_ = ch->first, n_ = ch->n; \
		const size_t stride_ = ch->stride; \
		const uint64_t unit_ = ch->unit; \
\
		for (size_t i_ = 0; i_ < n_; i_++) { \
			size_t r = first_ + i_; \
\
			key[i_ * stride_] += (class_of_r) * unit_; \
		} \
	} while (0)

/* Rows that all have an IPv4 address. */
static void
run_v4(const struct dimension *d, const uint32_t *v4, const struct chunk *ch)
{
	const uint32_t *class4 = d->class4;

	if (d->set != NULL) {
		const struct prefix_set set = *d->set;

		EACH_ROW((uint64_t)prefix_set_has4(&set, v4[r]));
	} else if (d->trie.entry != NULL) {
		const struct trie4 trie = d->trie;

		EACH_ROW(trie4_find(&trie, v4[r]));
	} else {
		const struct boundaries4 bounds = d->v4;

		EACH_ROW(class4[boundaries4_find(&bounds, v4[r])]);
	}
}

/* Rows of one class, which are common for flags and the like. */
static void
run_same(uint32_t cls, const struct chunk *ch)
{
	uint64_t *key = ch->keys + ch->first * ch->stride;

	for (size_t i = 0; cls != 0 && i < ch->n; i++)
		key[i * ch->stride] += cls * ch->unit;
}

static void
run_u8(const struct dimension *d, const uint8_t *u8, const struct chunk *ch)
{
	const uint8_t *at = u8 + ch->first;
	const uint32_t *small = d->small;

	if (memcmp(at, at + 1, ch->n - 1) == 0)
		run_same(small[*at], ch);
	else
		EACH_ROW(small[u8[r]]);
}

/* Rows that all have a number. */
static void
run_numbers(const struct dimension *d, const struct column *c,
    const struct chunk *ch)
{
	const uint32_t *small = d->small;

	switch (column_info[d->col].type) {
	case COLUMN_U8:
		run_u8(d, c->u8, ch);
		break;
	case COLUMN_U16:
		EACH_ROW(small[c->u16[r]]);
		break;
	case COLUMN_U32:
		EACH_ROW(number_class(d, c->u32[r]));
		break;
	case COLUMN_TIME:
		EACH_ROW(number_class(d,
		    (uint64_t)c->ns[r] ^ EXPR_TIME_BIAS));
		break;
	default:
		EACH_ROW(number_class(d, c->u64[r]));
		break;
	}
}

static uint32_t
row_class(const struct dimension *d, const struct column *c, size_t r)
{
	switch (column_info[d->col].type) {
	case COLUMN_U8:
		return d->small[c->u8[r]];
	case COLUMN_U16:
		return d->small[c->u16[r]];
	case COLUMN_U32:
		return number_class(d, c->u32[r]);
	case COLUMN_TIME:
		return number_class(d, (uint64_t)c->ns[r] ^ EXPR_TIME_BIAS);
	case COLUMN_ADDR:
		return bitmap_test(c->is6, r) ? v6_class(d, c->v6[r])
					      : v4_class(d, c->u32[r]);
	default:
		return number_class(d, c->u64[r]);
	}
}

/* Rows with missing values or of both families. */
static void
run_mixed(const struct dimension *d, const struct column *c,
    const struct chunk *ch)
{
	EACH_ROW(bitmap_test(c->valid, r) ? row_class(d, c, r) : d->missing);
}

static void
run_column(const struct dimension *d, const struct column *c,
    const struct chunk *ch)
{
	uint64_t all = bitmap_low(ch->n), valid = c->valid[ch->first / 64];
	bool addr = column_info[d->col].type == COLUMN_ADDR;

	if (valid == 0)
		run_same(d->missing, ch);
	else if (valid != all)
		run_mixed(d, c, ch);
	else if (!addr)
		run_numbers(d, c, ch);
	else if (c->is6[ch->first / 64] != 0)
		run_mixed(d, c, ch);
	else
		run_v4(d, c->u32, ch);
}

void
dimension_run(const struct dimension *d, struct match_batch *match,
    uint64_t *keys, size_t stride, unsigned shift)
{
	bool derived = column_is_derived(d->col);
	const uint64_t *v = derived ? match_batch_derived(match, d->col) : NULL;
	size_t nrows = match->batch->nrows;

	for (size_t first = 0; first < nrows; first += 64) {
		struct chunk chunk = { keys, stride, UINT64_C(1) << shift,
			first, nrows - first < 64 ? nrows - first : 64 };
		const struct chunk *ch = &chunk;

		if (derived)
			EACH_ROW(number_class(d, v[r]));
		else
			run_column(d, &match->batch->col[d->col], ch);
	}
}
