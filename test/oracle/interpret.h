/*
 * The slow twin of all that runs rules: one row at a time, one value at a
 * time, from the rules as they were written, with the words of flowd.conf(5)
 * in mind and nothing of the fast path.
 * Used by test/unit/filter/test_ruleset.c and bench/bench_filter.c.
 */
#ifndef FLOWD_INTERPRET_H
#define FLOWD_INTERPRET_H

#include "batch.h"
#include "rule.h"

/* Does the row match the condition? */
bool interpret_cond(const struct cond *cond, const struct batch *batch,
    size_t row);

/* The rule that decides about the row, or NULL. */
const struct rule *interpret_rules(const struct rule *rules,
    const struct batch *batch, size_t row);

/*
 * Does a flow that this rule decides about go to the logs of this name? NULL:
 * no rule; those without a name.
 */
bool interpret_goes_to(const struct rule *decides, const char *name);

#endif
