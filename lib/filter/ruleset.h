/*
 * A set of rules in compiled form: it runs over batches and counts.
 *
 * Rules are tested in order; the last one that matches decides, and a quick one
 * ends the search. A flow that no rule matches is accepted.
 *
 * A few rules run one by one, each over a whole batch (program.h); larger sets
 * use a classifier (classifier.h), so that the cost per flow hardly depends on
 * their number. Test: test/unit/filter/test_ruleset.c,
 * test/program/reader/test_filter_golden.py.
 */
#ifndef FLOWD_RULESET_H
#define FLOWD_RULESET_H

#include "batch.h"
#include "rule.h"

struct expr;
struct ruleset;

/*
 * Compile a list of rules, whose tables are loaded. Rules and tables are
 * borrowed and must outlive the set. NULL when out of memory; rules may be
 * NULL.
 */
struct ruleset *ruleset_new(const struct rule *rules);
void ruleset_free(struct ruleset *set);

/*
 * Apply the rules to the selected rows of a batch: discarded rows are
 * deselected, and rows that a rule tags get its tag.
 */
void ruleset_run(struct ruleset *set, struct batch *batch);

/* Do the rules use a classifier? Then they need all values. */
bool ruleset_is_classified(const struct ruleset *set);

/*
 * The named logs that rules send flows to, as the bits of rule->logs. If it is
 * 0, every flow goes to the logs without a name.
 */
uint32_t ruleset_logs(const struct ruleset *set);

enum { RULESET_UNNAMED = 32 };

/*
 * After ruleset_run() on this batch: set rows, which has
 * bitmap_words(batch->nrows) words, to the selected rows that go to the log
 * with this bit, or with RULESET_UNNAMED to the logs without a name.
 */
void ruleset_log_rows(const struct ruleset *set, const struct batch *batch,
    unsigned log, uint64_t *rows);

/* Call fn for every rule in order. */
void ruleset_each(struct ruleset *set,
    void (*fn)(const struct rule *rule, const struct rule_counters *counters,
	void *arg),
    void *arg);

/* The number of rules; the i-th one, from 0 on; and its compiled condition. */
size_t ruleset_count(const struct ruleset *set);
const struct rule *ruleset_rule(const struct ruleset *set, size_t i);
const struct expr *ruleset_expr(const struct ruleset *set, size_t i);

/* Print the rules and their compiled form for debugging. */
void ruleset_print(const struct ruleset *set, struct buf *out);

#endif
