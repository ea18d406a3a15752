/*
 * A set of rules as it is run: over batches, with counters.
 *
 * Rules are tested in their order; the last that matches decides, and a quick
 * one that matches ends it. A flow that no rule matches is accepted.
 *
 * A few rules run one by one, each over a whole batch (program.h); more of them
 * are classified (classifier.h), so that a flow costs about the same whatever
 * their number. Test: test/unit/filter/test_ruleset.c,
 * test/program/test_filter_golden.py.
 */
#ifndef FLOWD_RULESET_H
#define FLOWD_RULESET_H

#include "batch.h"
#include "rule.h"

struct expr;
struct ruleset;

/*
 * From a list of rules, which are borrowed and must outlive it, as must the
 * tables in them, which are loaded. NULL when out of memory; no rules at all
 * are fine.
 */
struct ruleset *ruleset_new(const struct rule *rules);
void ruleset_free(struct ruleset *set);

/*
 * Decide about the selected rows of a batch: those that are discarded are not
 * selected any more, those that a rule tags get its tag.
 */
void ruleset_run(struct ruleset *set, struct batch *batch);

/*
 * The named logs that rules send flows to: all bits of rule->logs. While it is
 * 0 every flow goes to the logs without a name, and nobody need ask on.
 */
uint32_t ruleset_logs(const struct ruleset *set);

enum { RULESET_UNNAMED = 32 };

/*
 * Of the batch that ruleset_run() has just decided about: fill rows, which has
 * bitmap_words(batch->nrows) words, with those of the selected rows that go to
 * the log with this bit, or with RULESET_UNNAMED to the logs without a name.
 */
void ruleset_log_rows(const struct ruleset *set, const struct batch *batch,
    unsigned log, uint64_t *rows);

/* Call fn for every rule in its order. */
void ruleset_each(struct ruleset *set,
    void (*fn)(const struct rule *rule, const struct rule_counters *counters,
	void *arg),
    void *arg);

/* How many rules; the i-th, from 0 on; and what its condition became. */
size_t ruleset_count(const struct ruleset *set);
const struct rule *ruleset_rule(const struct ruleset *set, size_t i);
const struct expr *ruleset_expr(const struct ruleset *set, size_t i);

/* The rules and what they were compiled to, for people. */
void ruleset_print(const struct ruleset *set, struct buf *out);

#endif
