/* Sets of rules: compiling them; see ruleset.h. */
#include <stdlib.h>

#include "ruleset_state.h"

enum {
	ARENA_MAX = 256 * 1024 * 1024, /* octets of compiled rules */
	PASSES_ONE_BY_ONE = 40 /* sets that need more are classified */
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

static struct rule_action
make_action(const struct rule *rule)
{
	if (rule == NULL || !rule->has_tag)
		return (struct rule_action){ .keep = UINT32_MAX,
			.discard = rule != NULL && rule->discard };
	return (struct rule_action){ .tag = rule->tag, .has_tag = true,
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

bool
ruleset_is_classified(const struct ruleset *set)
{
	return set->classifier != NULL;
}

uint32_t
ruleset_logs(const struct ruleset *set)
{
	return set->all_logs;
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
