/* Sets of rules; see ruleset.h. */
#include <stdlib.h>
#include <string.h>

#include "eval.h"
#include "ruleset.h"

enum {
	WORDS = EVAL_ROWS / 64
};

struct ruleset {
	size_t nrules;
	const struct rule **rules;
	struct rule_counters *counters;
	/* Of the batch at hand: which rule decides a row, by number + 1. */
	uint32_t winner[EVAL_ROWS];
};

static size_t
count_rules(const struct rule *rules)
{
	size_t n = 0;

	for (; rules != NULL; rules = rules->next)
		n++;
	return n;
}

struct ruleset *
ruleset_new(const struct rule *rules)
{
	struct ruleset *set = calloc(1, sizeof(*set));
	size_t n = count_rules(rules);

	if (set == NULL)
		return NULL;
	set->rules = calloc(n + 1, sizeof(*set->rules));
	set->counters = calloc(n + 1, sizeof(*set->counters));
	if (set->rules == NULL || set->counters == NULL) {
		ruleset_free(set);
		return NULL;
	}
	for (; rules != NULL; rules = rules->next)
		set->rules[set->nrules++] = rules;
	return set;
}

void
ruleset_free(struct ruleset *set)
{
	if (set == NULL)
		return;
	free(set->rules);
	free(set->counters);
	free(set);
}

/* Test one rule on the rows that are open, and close those that it ends. */
static void
run_rule(struct ruleset *set, size_t i, const struct batch *batch,
    uint64_t *open)
{
	const struct rule *rule = set->rules[i];
	struct rule_counters *c = &set->counters[i];
	size_t nrows = batch->nrows;
	uint64_t match[WORDS];

	c->evaluations += bitmap_count(open, nrows);
	eval(rule->expr, batch, match);
	for (size_t w = 0; w < bitmap_words(nrows); w++)
		match[w] &= open[w];
	c->matches += bitmap_count(match, nrows);
	for (size_t row = bitmap_next(match, 0, nrows); row < nrows;
	    row = bitmap_next(match, row + 1, nrows))
		set->winner[row] = (uint32_t)i + 1;
	if (!rule->quick)
		return;
	for (size_t w = 0; w < bitmap_words(nrows); w++)
		open[w] &= ~match[w];
}

/* Carry out what was decided about the selected rows. */
static void
carry_out(struct ruleset *set, struct batch *batch)
{
	for (size_t row = bitmap_next(batch->selected, 0, batch->nrows);
	    row < batch->nrows;
	    row = bitmap_next(batch->selected, row + 1, batch->nrows)) {
		const struct rule *rule;

		if (set->winner[row] == 0)
			continue;
		rule = set->rules[set->winner[row] - 1];
		set->counters[set->winner[row] - 1].wins++;
		if (rule->discard)
			bitmap_clear(batch->selected, row);
		else if (rule->has_tag)
			batch_set_uint(batch, COL_tag, row, rule->tag);
	}
}

void
ruleset_run(struct ruleset *set, struct batch *batch)
{
	uint64_t open[WORDS];

	if (set->nrules == 0 || batch->nrows == 0)
		return;
	memcpy(open, batch->selected,
	    bitmap_words(batch->nrows) * sizeof(open[0]));
	memset(set->winner, 0, batch->nrows * sizeof(set->winner[0]));
	for (size_t i = 0; i < set->nrules; i++)
		run_rule(set, i, batch, open);
	carry_out(set, batch);
}

void
ruleset_each(const struct ruleset *set,
    void (*fn)(const struct rule *rule, const struct rule_counters *counters,
	void *arg),
    void *arg)
{
	for (size_t i = 0; i < set->nrules; i++)
		fn(set->rules[i], &set->counters[i], arg);
}
