/* Sets of rules: running them over batches; see ruleset.h. */
#include <string.h>

#include "ruleset_state.h"
#include "vectorize.h"

VECTORIZE static size_t
count_rows(const uint64_t *rows, size_t words)
{
	return bitmap_count(rows, 64 * words);
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
	size_t nopen = count_rows(batch->selected, words);
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
		const struct rule_action *a = &set->actions[winner[i]];

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
		const struct rule_action *a = &set->actions[winner[i]];

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
