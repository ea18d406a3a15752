/*
 * A set of rules as it is run: over batches, with counters.
 *
 * Rules are tested in their order; the last that matches decides, and a quick
 * one that matches ends it. A flow that no rule matches is accepted.
 * Called by the daemon and by flowd-reader -f.
 * Test: test/unit/filter/test_ruleset.c, test/program/test_filter_golden.py.
 */
#ifndef FLOWD_RULESET_H
#define FLOWD_RULESET_H

#include "batch.h"
#include "rule.h"

struct ruleset;

/*
 * From a list of rules, which are borrowed and must outlive it. NULL when out
 * of memory; no rules at all are fine.
 */
struct ruleset *ruleset_new(const struct rule *rules);
void ruleset_free(struct ruleset *set);

/*
 * Decide about the selected rows of a batch: those that are discarded are not
 * selected any more, those that a rule tags get its tag.
 */
void ruleset_run(struct ruleset *set, struct batch *batch);

/* Call fn for every rule in its order. */
void ruleset_each(const struct ruleset *set,
    void (*fn)(const struct rule *rule, const struct rule_counters *counters,
	void *arg),
    void *arg);

#endif
