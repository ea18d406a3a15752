/* The classifier; see classifier.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "classifier.h"
#include "dimension.h"
#include "list.h"
#include "map.h"
#include "memo.h"

enum {
	KEY_WORDS_MAX = 8,
	AXES_MAX = 256,
	ARENA_MAX = 64 * 1024 * 1024,
	VECTORS_MAX = 32 * 1024 * 1024, /* octets of bit vectors */
	/* tests of classes; takes about a second */
	WORK_MAX = 200 * 1000 * 1000,
	RESULTS_OCTETS_MAX = 16 * 1024 * 1024,
	RESULTS_MIN = 64,
	RESULTS_MAX = 64 * 1024,
	UNCOUNTED_MAX = 2000000000 /* flows, fewer than a 32-bit count holds */
};

/* A part of a rule's condition that tests only one axis. */
struct rule_part {
	struct rule_part *next; /* next part of this axis */
	uint32_t rule;
	const struct expr *expr;
};

/* A leaf with a number, in a hash table. */
struct known_leaf {
	struct map_node node;
	const struct expr *leaf;
	uint32_t number;
};

/*
 * A dimension, and for each of its classes the rules that it does not rule out.
 */
struct axis {
	struct classifier *of;
	struct dimension dim;
	uint8_t col;
	/* the set, if the axis tests one large set */
	const struct prefix_set *own;
	const struct expr **leaves;
	size_t nleaves, capleaves;
	struct rule_part *parts;
	size_t work; /* number of tests of its parts */
	uint64_t *vectors; /* a row of rule_words for each class */
	size_t capclasses;
	unsigned word, shift; /* position of the class in the key */
};

/* A decision that keys share. */
struct result {
	uint64_t count; /* flows */
	uint32_t winner; /* rule + 1, or 0 */
	uint32_t tested; /* number of rules that were tested */
};

struct classifier {
	struct classified_rule *rules;
	size_t nrules, rule_words;
	struct arena arena;
	struct map leaves; /* struct known_leaf */
	/* by rule: the part that vectors do not decide, or NULL */
	struct expr **rest;
	struct axis axes[AXES_MAX];
	unsigned naxes;
	unsigned key_words;
	size_t vector_octets;
	size_t work; /* number of tests to compute the vectors */
	struct memo memo; /* result + 1, by key; its counts are flows */
	/* flows since the counts were moved; bounds each of them */
	uint64_t uncounted;
	struct result *results;
	uint32_t *winners; /* by result + 1: rule + 1, or 0 */
	uint64_t *matched; /* a row of rule_words for each result */
	size_t nresults, maxresults;
	struct memo result_memo; /* result + 1, by the hash of the result */
	uint64_t *candidates; /* rule_words of the current row */
	uint64_t *ends; /* nrules + 1, for classifier_count() */
	struct rule_counters *counted; /* counts not yet fetched */
	uint64_t *keys; /* of the current batch: MATCH_ROWS times key_words */
};

/* The axis of a leaf; created for its first leaf. */
static struct axis *
leaf_axis(struct classifier *c, const struct expr *leaf)
{
	const struct prefix_set *own =
	    dimension_wants_own(leaf) ? leaf->set : NULL;
	struct axis *axis;

	for (unsigned i = 0; i < c->naxes; i++)
		if (c->axes[i].col == leaf->col && c->axes[i].own == own)
			return &c->axes[i];
	if (c->naxes == AXES_MAX)
		return NULL;
	axis = &c->axes[c->naxes++];
	*axis = (struct axis){ .of = c, .col = leaf->col, .own = own };
	return axis;
}

static uint64_t
leaf_hash(const struct expr *e)
{
	uint64_t key[6] = { (uint64_t)e->kind << 8 | e->col };

	switch (e->kind) {
	case EXPR_RANGE:
	case EXPR_MASKED:
		key[1] = e->lo;
		key[2] = e->hi;
		key[3] = e->kind == EXPR_MASKED ? e->mask : 0;
		break;
	case EXPR_NUMBERS:
		key[1] = map_hash(e->places,
		    e->nplaces * sizeof(*e->places), 0);
		break;
	case EXPR_PREFIX:
		key[1] = e->prefix.len;
		key[2] = e->prefix.addr.v4;
		key[3] = e->prefix.addr.v6.hi;
		key[4] = e->prefix.addr.v6.lo;
		break;
	case EXPR_SET:
		key[1] = (uintptr_t)e->set;
		break;
	case EXPR_FAMILY:
		key[1] = e->family;
		break;
	default:
		break;
	}
	return map_hash(key, sizeof(key), 0);
}

static bool
append_leaf(struct axis *axis, const struct expr *leaf)
{
	size_t more = axis->capleaves == 0 ? 16 : 2 * axis->capleaves;
	const struct expr **grew;

	if (axis->nleaves == axis->capleaves) {
		grew = realloc(axis->leaves, more * sizeof(*grew));
		if (grew == NULL)
			return false;
		axis->leaves = grew;
		axis->capleaves = more;
	}
	axis->leaves[axis->nleaves++] = leaf;
	return true;
}

/* Numbers a leaf; equal leaves share a number. */
static bool
number_leaf(struct classifier *c, struct expr *leaf)
{
	uint64_t hash = leaf_hash(leaf);
	struct axis *axis = leaf_axis(c, leaf);
	struct known_leaf *known;
	struct map_node *n;

	if (axis == NULL)
		return false;
	for (n = map_first(&c->leaves, hash); n != NULL; n = map_same(n)) {
		known = LIST_ENTRY(n, struct known_leaf, node);
		if (expr_leaf_equal(known->leaf, leaf)) {
			leaf->number = known->number;
			return true;
		}
	}
	known = arena_alloc(&c->arena, sizeof(*known));
	if (known == NULL || !append_leaf(axis, leaf))
		return false;
	leaf->number = known->number = (uint32_t)(axis->nleaves - 1);
	known->leaf = leaf;
	map_insert(&c->leaves, &known->node, hash);
	return true;
}

/*
 * Numbers the leaves of e. *axis becomes their axis, or NULL if there are
 * several.
 */
static bool
number_leaves(struct classifier *c, struct expr *e, struct axis **axis,
    bool *first)
{
	struct axis *own;

	if (e->kind == EXPR_TRUE)
		return true;
	if (e->kind == EXPR_NOT)
		return number_leaves(c, e->left, axis, first);
	if (!expr_is_leaf(e))
		return number_leaves(c, e->left, axis, first) &&
		    number_leaves(c, e->right, axis, first);
	if (!number_leaf(c, e))
		return false;
	own = leaf_axis(c, e);
	*axis = *first || *axis == own ? own : NULL;
	*first = false;
	return true;
}

/* Parts that test several axes, or none, are evaluated for each new key. */
static bool
add_rest(struct classifier *c, uint32_t rule, struct expr *e)
{
	struct expr *both = e;

	if (c->rest[rule] != NULL) {
		both = arena_alloc(&c->arena, sizeof(*both));
		if (both == NULL)
			return false;
		both->kind = EXPR_AND;
		both->left = c->rest[rule];
		both->right = e;
	}
	c->rest[rule] = both;
	return true;
}

/* Counts the tests that expr_holds() makes at most. */
static void
count_test(const struct expr *test, void *arg)
{
	size_t *n = arg;

	(void)test;
	++*n;
}

static bool
add_part(struct classifier *c, uint32_t rule, struct expr *e)
{
	struct axis *axis = NULL;
	bool first = true;
	struct rule_part *part;

	if (e->kind == EXPR_TRUE)
		return true;
	if (e->kind == EXPR_AND)
		return add_part(c, rule, e->left) &&
		    add_part(c, rule, e->right);
	if (!number_leaves(c, e, &axis, &first))
		return false;
	if (axis == NULL)
		return add_rest(c, rule, e);
	part = arena_alloc(&c->arena, sizeof(*part));
	if (part == NULL)
		return false;
	*part = (struct rule_part){ axis->parts, rule, e };
	axis->parts = part;
	expr_each(e, count_test, &axis->work);
	return true;
}

static bool
expr_holds(const struct expr *e, const uint64_t *truth)
{
	switch (e->kind) {
	case EXPR_TRUE:
		return true;
	case EXPR_NOT:
		return !expr_holds(e->left, truth);
	case EXPR_AND:
		return expr_holds(e->left, truth) &&
		    expr_holds(e->right, truth);
	case EXPR_OR:
		return expr_holds(e->left, truth) ||
		    expr_holds(e->right, truth);
	default:
		return bitmap_test(truth, e->number);
	}
}

static bool
grow_vectors(struct axis *axis)
{
	struct classifier *c = axis->of;
	size_t more = axis->capclasses == 0 ? 4 : 2 * axis->capclasses;
	size_t octets = c->rule_words * sizeof(*axis->vectors);
	uint64_t *grew;

	c->vector_octets += (more - axis->capclasses) * octets;
	if (c->vector_octets > VECTORS_MAX)
		return false;
	grew = realloc(axis->vectors, more * octets);
	if (grew == NULL)
		return false;
	axis->vectors = grew;
	axis->capclasses = more;
	return true;
}

/*
 * Computes the vector of a class: the rules whose parts on this axis all hold.
 */
static bool
take_class(void *arg, uint32_t cls, const uint64_t *truth)
{
	struct axis *axis = arg;
	size_t words = axis->of->rule_words;
	uint64_t *vector;

	axis->of->work += axis->work;
	if (axis->of->work > WORK_MAX)
		return false;
	if (cls == axis->capclasses && !grow_vectors(axis))
		return false;
	vector = axis->vectors + cls * words;
	memset(vector, 0xff, words * sizeof(*vector));
	for (const struct rule_part *p = axis->parts; p != NULL; p = p->next)
		if (!expr_holds(p->expr, truth))
			bitmap_clear(vector, p->rule);
	return true;
}

static unsigned
bits_of(uint32_t nclasses)
{
	unsigned bits = 0;

	while (UINT64_C(1) << bits < nclasses)
		bits++;
	return bits;
}

/* Assigns each axis its bits of the key, within one word. */
static bool
lay_out_key(struct classifier *c)
{
	unsigned word = 0, shift = 0;

	for (unsigned i = 0; i < c->naxes; i++) {
		unsigned bits = bits_of(c->axes[i].dim.nclasses);

		if (shift + bits > 64) {
			word++;
			shift = 0;
		}
		c->axes[i].word = word;
		c->axes[i].shift = shift;
		shift += bits;
	}
	c->key_words = word + 1;
	return c->key_words <= KEY_WORDS_MAX;
}

static bool
make_axes(struct classifier *c)
{
	for (uint32_t i = 0; i < c->nrules; i++)
		if (!add_part(c, i, c->rules[i].expr))
			return false;
	for (unsigned i = 0; i < c->naxes; i++) {
		struct axis *axis = &c->axes[i];

		if (!dimension_init(&axis->dim, axis->col, axis->leaves,
			axis->nleaves, take_class, axis))
			return false;
	}
	return lay_out_key(c);
}

static bool
make_memory(struct classifier *c)
{
	size_t row = sizeof(struct result) +
	    c->rule_words * sizeof(*c->matched);

	c->maxresults = RESULTS_OCTETS_MAX / row;
	if (c->maxresults < RESULTS_MIN)
		c->maxresults = RESULTS_MIN;
	if (c->maxresults > RESULTS_MAX)
		c->maxresults = RESULTS_MAX;
	c->results = calloc(c->maxresults, sizeof(*c->results));
	c->winners = calloc(c->maxresults + 1, sizeof(*c->winners));
	c->matched = calloc(c->maxresults * c->rule_words,
	    sizeof(*c->matched));
	c->candidates = calloc(c->rule_words, sizeof(*c->candidates));
	c->ends = calloc(c->nrules + 1, sizeof(*c->ends));
	c->counted = calloc(c->nrules + 1, sizeof(*c->counted));
	c->keys = calloc(MATCH_ROWS * c->key_words, sizeof(*c->keys));
	return c->results != NULL && c->winners != NULL && c->matched != NULL &&
	    c->candidates != NULL && c->ends != NULL && c->counted != NULL &&
	    c->keys != NULL && memo_init(&c->memo, c->key_words) &&
	    memo_init(&c->result_memo, 1);
}

struct classifier *
classifier_new(struct classified_rule *rules, size_t nrules)
{
	struct classifier *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->rules = rules;
	c->nrules = nrules;
	c->rule_words = bitmap_words(nrules + 1);
	arena_init(&c->arena, ARENA_MAX);
	c->rest = arena_calloc(&c->arena, nrules + 1, sizeof(*c->rest));
	if (c->rest == NULL || !map_init(&c->leaves) || !make_axes(c) ||
	    !make_memory(c)) {
		classifier_free(c);
		return NULL;
	}
	return c;
}

void
classifier_free(struct classifier *c)
{
	if (c == NULL)
		return;
	for (unsigned i = 0; i < c->naxes; i++) {
		dimension_fini(&c->axes[i].dim);
		free(c->axes[i].leaves);
		free(c->axes[i].vectors);
	}
	memo_fini(&c->memo);
	memo_fini(&c->result_memo);
	map_fini(&c->leaves);
	arena_fini(&c->arena);
	free(c->results);
	free(c->winners);
	free(c->matched);
	free(c->candidates);
	free(c->ends);
	free(c->counted);
	free(c->keys);
	free(c);
}

/* Computes the keys of all rows. */
static void
make_keys(struct classifier *c, struct match_batch *match)
{
	size_t n = match->batch->nrows * c->key_words;

	memset(c->keys, 0, n * sizeof(*c->keys));
	for (unsigned i = 0; i < c->naxes; i++) {
		const struct axis *axis = &c->axes[i];

		if (axis->dim.nclasses > 1)
			dimension_run(&axis->dim, match,
			    c->keys + axis->word, c->key_words, axis->shift);
	}
}

/* Moves the counts of keys to their results. */
static void
count_keys(struct classifier *c)
{
	for (uint64_t i = 0; i < c->memo.nslots; i++) {
		struct memo_slot *slot = &c->memo.slots[i];

		if (slot->value == 0)
			continue;
		c->results[slot->value - 1].count += slot->count;
		slot->count = 0;
	}
	c->uncounted = 0;
}

/* Sums up the counts by rule, so that results can be dropped. */
static void
count_results(struct classifier *c)
{
	uint64_t tested = 0;

	count_keys(c);
	memset(c->ends, 0, (c->nrules + 1) * sizeof(*c->ends));
	for (size_t i = 0; i < c->nresults; i++) {
		struct result *r = &c->results[i];
		const uint64_t *matched = c->matched + i * c->rule_words;

		if (r->count == 0)
			continue;
		c->ends[r->tested] += r->count;
		BITMAP_FOREACH(k, matched, 0, c->nrules)
			c->counted[k].matches += r->count;
		if (r->winner != 0)
			c->counted[r->winner - 1].wins += r->count;
		r->count = 0;
	}
	for (size_t k = c->nrules; k > 0; k--) {
		tested += c->ends[k];
		c->counted[k - 1].evaluations += tested;
	}
}

/*
 * Finds the rules that match the key, one bit each in candidates; the last
 * wins.
 */
static struct result
result_find(struct classifier *c, const uint64_t *key,
    struct match_batch *match, size_t row)
{
	struct result result = { 0, 0, (uint32_t)c->nrules };

	memset(c->candidates, 0xff, c->rule_words * sizeof(*c->candidates));
	for (unsigned i = 0; i < c->naxes; i++) {
		const struct axis *axis = &c->axes[i];
		unsigned bits = bits_of(axis->dim.nclasses);
		uint64_t cls = bits == 0
		    ? 0
		    : key[axis->word] >> axis->shift & bitmap_low(bits);
		const uint64_t *vector = axis->vectors + cls * c->rule_words;

		for (size_t w = 0; w < c->rule_words; w++)
			c->candidates[w] &= vector[w];
	}
	BITMAP_FOREACH(k, c->candidates, 0, c->nrules) {
		if (c->rest[k] != NULL && !expr_row(c->rest[k], match, row)) {
			bitmap_clear(c->candidates, k);
			continue;
		}
		result.winner = (uint32_t)k + 1;
		if (c->rules[k].quick) {
			result.tested = (uint32_t)k + 1;
			break;
		}
	}
	bitmap_clear_range(c->candidates, result.tested,
	    64 * c->rule_words - result.tested);
	return result;
}

static bool
is_result(const struct classifier *c, size_t i, const struct result *result)
{
	return c->results[i].winner == result->winner &&
	    c->results[i].tested == result->tested &&
	    memcmp(c->matched + i * c->rule_words, c->candidates,
		c->rule_words * sizeof(*c->candidates)) == 0;
}

static void
forget_all(struct classifier *c)
{
	count_results(c);
	memo_clear(&c->memo);
	memo_clear(&c->result_memo);
	c->nresults = 0;
}

/* The number + 1 of an equal result, or of a new one. */
static uint32_t
keep_result(struct classifier *c, const struct result *result)
{
	uint64_t hash = map_hash(c->candidates,
	    c->rule_words * sizeof(*c->candidates),
	    (uint64_t)result->tested << 32 | result->winner);
	uint32_t known = memo_find1(&c->result_memo, hash)->value;

	if (known != 0 && is_result(c, known - 1, result))
		return known;
	if (c->nresults == c->maxresults) {
		forget_all(c);
		known = 0;
	}
	c->results[c->nresults] = *result;
	memcpy(c->matched + c->nresults * c->rule_words, c->candidates,
	    c->rule_words * sizeof(*c->candidates));
	c->winners[++c->nresults] = result->winner;
	/*
	 * If two results have the same hash, the second is stored, but not
	 * found again.
	 */
	if (known == 0 && memo_grow(&c->result_memo))
		memo_put(&c->result_memo, &hash, (uint32_t)c->nresults);
	return (uint32_t)c->nresults;
}

static struct memo_slot *
key_learn(struct classifier *c, const uint64_t *key, struct match_batch *match,
    size_t row)
{
	struct result result = result_find(c, key, match, row);
	uint32_t number;

	if (!memo_grow(&c->memo))
		forget_all(c);
	number = keep_result(c, &result);
	return memo_put(&c->memo, key, number);
}

static inline void
run_row(struct classifier *c, struct match_batch *match, size_t row,
    uint32_t *winner)
{
	const uint64_t *key = c->keys + row * c->key_words;
	struct memo_slot *slot = c->key_words == 1
	    ? memo_find1(&c->memo, *key)
	    : memo_find(&c->memo, key);

	if (slot->value == 0)
		slot = key_learn(c, key, match, row);
	slot->count++;
	winner[row] = c->winners[slot->value];
}

/*
 * 64 rows with keys of one word. The loop works on local copies: the compiler
 * knows that the stores do not change them.
 */
static void
run_word(struct classifier *c, struct match_batch *match, size_t first,
    uint32_t *winner)
{
	const uint64_t *keys = c->keys + first;
	const uint32_t *winners = c->winners;
	struct memo memo = c->memo;

	for (size_t i = 0; i < 64; i++) {
		struct memo_slot *slot = memo_find1(&memo, keys[i]);

		if (slot->value == 0) {
			slot = key_learn(c, &keys[i], match, first + i);
			memo = c->memo;
		}
		slot->count++;
		winner[first + i] = winners[slot->value];
	}
}

void
classifier_run(
    struct classifier *c, struct match_batch *match, uint32_t *winner)
{
	const struct batch *batch = match->batch;

	make_keys(c, match);
	if (c->uncounted > UNCOUNTED_MAX)
		count_keys(c);
	c->uncounted += batch->nrows;
	for (size_t w = 0; w < bitmap_words(batch->nrows); w++) {
		uint64_t left = batch->selected[w];

		if (left == ~UINT64_C(0) && c->key_words == 1) {
			run_word(c, match, 64 * w, winner);
			continue;
		}
		for (; left != 0; left &= left - 1)
			run_row(c, match, 64 * w + bitmap_lowest(left),
			    winner);
	}
}

void
classifier_count(struct classifier *c, struct rule_counters *counters)
{
	count_results(c);
	for (size_t i = 0; i < c->nrules; i++) {
		counters[i].evaluations += c->counted[i].evaluations;
		counters[i].matches += c->counted[i].matches;
		counters[i].wins += c->counted[i].wins;
		c->counted[i] = (struct rule_counters){ 0, 0, 0 };
	}
}

void
classifier_print(const struct classifier *c, struct buf *out)
{
	size_t rests = 0;

	for (size_t i = 0; i < c->nrules; i++)
		rests += c->rest[i] != NULL;
	buf_printf(out, "# classified: %zu rules, a key of %u words, "
	    "%zu octets of vectors, %zu rules with tests over columns\n",
	    c->nrules, c->key_words, c->vector_octets, rests);
	for (unsigned i = 0; i < c->naxes; i++) {
		const struct axis *axis = &c->axes[i];

		buf_printf(out, "#   %s: %zu tests, %" PRIu32 " classes%s\n",
		    filter_column_name(axis->col), axis->nleaves,
		    axis->dim.nclasses,
		    axis->own != NULL ? ", a large table" : "");
	}
}
