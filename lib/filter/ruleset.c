/* Sets of rules; see ruleset.h. */
#include <stdlib.h>
#include <string.h>

#include "classifier.h"
#include "lower.h"
#include "program.h"
#include "ruleset.h"
#include "vectorize.h"

enum {
	ARENA_MAX = 256 * 1024 * 1024, /* octets of compiled rules */
	PASSES_ONE_BY_ONE = 40 /* what needs more is classified */
};

/* What a rule does to a flow, in a form that needs no branches. */
struct action {
	uint32_t tag; /* 0 if none */
	uint32_t keep; /* bits of the tag that was there: none or all */
	uint8_t discard, has_tag; /* 0 or 1 */
};

struct ruleset {
	size_t nrules;
	const struct rule **rules;
	struct rule_counters *counters;
	struct action *actions; /* of rule + 1; 0: of no rule */
	uint32_t *logs; /* apart, as few ask: rule->logs of rule + 1 */
	uint32_t all_logs;
	struct arena arena;
	struct lowering lowering;
	struct program *programs; /* by rule */
	struct classified_rule *classified;
	struct classifier *classifier; /* NULL: one by one */
	struct match_batch match;
	/*
	 * Of the batch at hand, which rule decides a row: by number + 1 where
	 * rules are classified, else a bitmap of rows for each rule.
	 */
	uint32_t winner[MATCH_ROWS];
	uint64_t (*won)[MATCH_WORDS];
};

static size_t
count_rules(const struct rule *rules)
{
	size_t n = 0;

	for (; rules != NULL; rules = rules->next)
		n++;
	return n;
}

/* Sums up the passes over columns that rules need one by one (leaf.h). */
static void
add_passes(const struct expr *test, void *arg)
{
	size_t *passes = arg;

	*passes += leaf_passes(test);
}

/* Collects the derived columns that rules test, as bits. */
static void
add_derived(const struct expr *test, void *arg)
{
	uint32_t *derived = arg;

	if (expr_is_leaf(test) && column_is_derived(test->col))
		*derived |= UINT32_C(1) << (test->col - COL_COUNT);
}

static bool
ruleset_allocate(struct ruleset *set, size_t n)
{
	arena_init(&set->arena, ARENA_MAX);
	set->lowering.arena = &set->arena;
	set->rules = calloc(n + 1, sizeof(*set->rules));
	set->counters = calloc(n + 1, sizeof(*set->counters));
	set->actions = calloc(n + 1, sizeof(*set->actions));
	set->programs = calloc(n + 1, sizeof(*set->programs));
	set->classified = calloc(n + 1, sizeof(*set->classified));
	set->logs = calloc(n + 1, sizeof(*set->logs));
	return set->rules != NULL && set->counters != NULL &&
	    set->actions != NULL && set->programs != NULL &&
	    set->classified != NULL && set->logs != NULL;
}

static struct action
make_action(const struct rule *rule)
{
	if (rule == NULL || !rule->has_tag)
		return (struct action){ .keep = UINT32_MAX,
			.discard = rule != NULL && rule->discard };
	return (struct action){ .tag = rule->tag, .has_tag = true,
		.discard = rule->discard };
}

static bool
add_rule(struct ruleset *set, const struct rule *rule)
{
	size_t i = set->nrules++;
	struct expr *e = lower(&set->lowering, rule->cond);

	set->rules[i] = rule;
	set->actions[i + 1] = make_action(rule);
	set->logs[i + 1] = rule->logs;
	set->all_logs |= rule->logs;
	set->classified[i] = (struct classified_rule){ e, rule->quick };
	return e != NULL &&
	    program_compile(&set->programs[i], &set->arena, e);
}

static bool
ruleset_compile(struct ruleset *set, const struct rule *rules)
{
	size_t passes = 0;
	uint32_t derived = 0;

	set->actions[0] = make_action(NULL);
	for (; rules != NULL; rules = rules->next)
		if (!add_rule(set, rules))
			return false;
	for (size_t i = 0; i < set->nrules; i++) {
		expr_each(set->classified[i].expr, add_passes, &passes);
		expr_each(set->classified[i].expr, add_derived, &derived);
	}
	if (passes > PASSES_ONE_BY_ONE)
		set->classifier =
		    classifier_new(set->classified, set->nrules);
	/* Many rules may have to go one by one, too: see classifier_new(). */
	if (set->classifier == NULL)
		set->won = calloc(set->nrules + 1, sizeof(*set->won));
	return (set->classifier != NULL || set->won != NULL) &&
	    match_batch_init(&set->match, derived);
}

struct ruleset *
ruleset_new(const struct rule *rules)
{
	struct ruleset *set = calloc(1, sizeof(*set));

	if (set == NULL)
		return NULL;
	if (!ruleset_allocate(set, count_rules(rules)) ||
	    !ruleset_compile(set, rules)) {
		ruleset_free(set);
		return NULL;
	}
	return set;
}

void
ruleset_free(struct ruleset *set)
{
	if (set == NULL)
		return;
	classifier_free(set->classifier);
	match_batch_fini(&set->match);
	lowering_fini(&set->lowering);
	arena_fini(&set->arena);
	free(set->rules);
	free(set->counters);
	free(set->actions);
	free(set->programs);
	free(set->classified);
	free(set->logs);
	free(set->won);
	free(set);
}

/* Intersects two sets of rows. Returns how many rows are left. */
VECTORIZE static size_t
keep_rows(uint64_t *rows, const uint64_t *others, size_t words)
{
	for (size_t w = 0; w < words; w++)
		rows[w] &= others[w];
	return bitmap_count(rows, 64 * words);
}

static void
drop_rows(uint64_t *rows, const uint64_t *others, size_t words)
{
	for (size_t w = 0; w < words; w++)
		rows[w] &= ~others[w];
}

/* Tests the rules in order, each on the rows that no quick rule has decided. */
static void
test_one_by_one(struct ruleset *set)
{
	const struct batch *batch = set->match.batch;
	size_t words = bitmap_words(batch->nrows);
	size_t nopen = bitmap_count(batch->selected, batch->nrows);
	uint64_t open[MATCH_WORDS];

	memcpy(open, batch->selected, words * sizeof(open[0]));
	for (size_t i = 0; i < set->nrules; i++) {
		struct rule_counters *c = &set->counters[i];
		size_t n;

		program_run(&set->programs[i], &set->match, set->won[i]);
		n = keep_rows(set->won[i], open, words);
		c->evaluations += nopen;
		c->matches += n;
		if (!set->rules[i]->quick)
			continue;
		drop_rows(open, set->won[i], words);
		nopen -= n;
	}
}

static void
tag_rows(struct batch *batch, const uint64_t *rows, uint32_t tag)
{
	struct column *c = &batch->col[COL_tag];

	for (size_t w = 0; w < bitmap_words(batch->nrows); w++) {
		uint32_t *tags = c->u32 + 64 * w;

		c->valid[w] |= rows[w];
		if (rows[w] == ~UINT64_C(0))
			for (size_t i = 0; i < 64; i++)
				tags[i] = tag;
		else
			for (uint64_t left = rows[w]; left != 0;
			    left &= left - 1)
				tags[bitmap_lowest(left)] = tag;
	}
	colset_add(&batch->used, COL_tag);
}

/*
 * From the last rule to the first, each decides the rows that it matches and
 * that no later rule decided. This comes after all tests, because they may test
 * the tag.
 */
static void
carry_out_one_by_one(struct ruleset *set, struct batch *batch)
{
	size_t words = bitmap_words(batch->nrows);
	uint64_t undecided[MATCH_WORDS];

	memcpy(undecided, batch->selected, words * sizeof(undecided[0]));
	for (size_t i = set->nrules; i-- > 0;) {
		const struct rule *rule = set->rules[i];
		size_t n = keep_rows(set->won[i], undecided, words);

		if (n == 0)
			continue;
		set->counters[i].wins += n;
		drop_rows(undecided, set->won[i], words);
		if (rule->discard)
			drop_rows(batch->selected, set->won[i], words);
		if (rule->has_tag)
			tag_rows(batch, set->won[i], rule->tag);
	}
}

/* What the deciding rules do to 64 rows, one bit each. */
struct done {
	uint64_t discarded, tagged;
};

/* All 64 rows, without a branch, because rules come in no predictable order. */
static struct done
act_on_all(const struct ruleset *set, const uint32_t *winner, uint32_t *tag)
{
	struct done done = { 0, 0 };

	for (size_t i = 0; i < 64; i++) {
		const struct action *a = &set->actions[winner[i]];

		done.discarded = done.discarded >> 1 |
		    (uint64_t)a->discard << 63;
		done.tagged = done.tagged >> 1 | (uint64_t)a->has_tag << 63;
		tag[i] = a->tag | (tag[i] & a->keep);
	}
	return done;
}

static struct done
act_on_some(const struct ruleset *set, uint64_t rows, const uint32_t *winner,
    uint32_t *tag)
{
	struct done done = { 0, 0 };

	for (; rows != 0; rows &= rows - 1) {
		unsigned i = bitmap_lowest(rows);
		const struct action *a = &set->actions[winner[i]];

		done.discarded |= (uint64_t)a->discard << i;
		done.tagged |= (uint64_t)a->has_tag << i;
		tag[i] = a->tag | (tag[i] & a->keep);
	}
	return done;
}

/* Applies the deciding rules to the selected rows. */
static void
carry_out_classified(struct ruleset *set, struct batch *batch)
{
	struct column *tag = &batch->col[COL_tag];
	uint64_t any = 0;

	for (size_t w = 0; w < bitmap_words(batch->nrows); w++) {
		uint64_t rows = batch->selected[w];
		struct done done = rows == ~UINT64_C(0)
		    ? act_on_all(set, set->winner + 64 * w,
			  tag->u32 + 64 * w)
		    : act_on_some(set, rows, set->winner + 64 * w,
			  tag->u32 + 64 * w);

		batch->selected[w] &= ~done.discarded;
		tag->valid[w] |= done.tagged;
		any |= done.tagged;
	}
	if (any != 0)
		colset_add(&batch->used, COL_tag);
}

void
ruleset_run(struct ruleset *set, struct batch *batch)
{
	if (set->nrules == 0 || batch->nrows == 0)
		return;
	match_batch_begin(&set->match, batch);
	if (set->classifier != NULL) {
		classifier_run(set->classifier, &set->match, set->winner);
		carry_out_classified(set, batch);
	} else {
		test_one_by_one(set);
		carry_out_one_by_one(set, batch);
	}
}

uint32_t
ruleset_logs(const struct ruleset *set)
{
	return set->all_logs;
}

/* The rows of a word whose deciding rules name a log in mask. */
static uint64_t
rows_of_logs(const struct ruleset *set, uint64_t rows, const uint32_t *winner,
    uint32_t mask)
{
	uint64_t found = 0;

	for (; rows != 0; rows &= rows - 1) {
		unsigned i = bitmap_lowest(rows);

		found |= (uint64_t)((set->logs[winner[i]] & mask) != 0) << i;
	}
	return found;
}

/* The rows whose deciding rules name a log in mask. */
static void
find_logged(const struct ruleset *set, const struct batch *batch,
    uint32_t mask, uint64_t *rows)
{
	size_t words = bitmap_words(batch->nrows);

	memset(rows, 0, words * sizeof(*rows));
	if (set->classifier != NULL) {
		for (size_t w = 0; w < words; w++)
			rows[w] = rows_of_logs(set, batch->selected[w],
			    set->winner + 64 * w, mask);
		return;
	}
	for (size_t i = 0; i < set->nrules; i++) {
		if (!(set->rules[i]->logs & mask))
			continue;
		for (size_t w = 0; w < words; w++)
			rows[w] |= set->won[i][w];
	}
}

void
ruleset_log_rows(const struct ruleset *set, const struct batch *batch,
    unsigned log, uint64_t *rows)
{
	bool unnamed = log == RULESET_UNNAMED;

	find_logged(set, batch,
	    unnamed ? UINT32_MAX : UINT32_C(1) << log, rows);
	for (size_t w = 0; w < bitmap_words(batch->nrows); w++)
		rows[w] = batch->selected[w] & (unnamed ? ~rows[w] : rows[w]);
}

void
ruleset_each(struct ruleset *set,
    void (*fn)(const struct rule *rule, const struct rule_counters *counters,
	void *arg),
    void *arg)
{
	if (set->classifier != NULL)
		classifier_count(set->classifier, set->counters);
	for (size_t i = 0; i < set->nrules; i++)
		fn(set->rules[i], &set->counters[i], arg);
}

size_t
ruleset_count(const struct ruleset *set)
{
	return set->nrules;
}

const struct rule *
ruleset_rule(const struct ruleset *set, size_t i)
{
	return set->rules[i];
}

const struct expr *
ruleset_expr(const struct ruleset *set, size_t i)
{
	return set->classified[i].expr;
}

void
ruleset_print(const struct ruleset *set, struct buf *out)
{
	for (size_t i = 0; i < set->nrules; i++) {
		rule_print(set->rules[i], out);
		buf_append_char(out, '\n');
		program_print(&set->programs[i], out);
	}
	if (set->classifier != NULL)
		classifier_print(set->classifier, out);
}
