/*
 * The classifier: what a set of rules decides about a flow depends only on
 * the classes of its columns (dimension.h). So a flow is a tuple of classes,
 * packed into a key, and what was decided about a key is remembered.
 *
 * What is not known yet is found by bit vectors (Lakshman and Stiliadis,
 * 1998): for each class of each dimension the rules that it leaves possible;
 * the rules of the tuple are where all vectors have a bit. Tests that look at
 * several columns at once are made on the flow then.
 *
 * Memory is bounded: when it is full, counts are added up and everything
 * remembered is forgotten.
 *
 * Test: test/unit/filter/test_ruleset.c.
 */
#ifndef FLOWD_CLASSIFIER_H
#define FLOWD_CLASSIFIER_H

#include "leaf.h"
#include "rule_counters.h"

struct classifier;

/* A rule as it is classified. */
struct classified_rule {
	struct expr *expr; /* its leaves are numbered */
	bool quick;
};

/*
 * The rules are borrowed, and what their expressions point to. NULL when out
 * of memory, or when there are more tests than it is made for, or it would
 * take more than about a second: then they are run one by one.
 */
struct classifier *classifier_new(
    struct classified_rule *rules, size_t nrules);
void classifier_free(struct classifier *c);

/*
 * For each selected row the number + 1 of the rule that decides, 0 for none.
 * Other rows are left as they are.
 */
void classifier_run(struct classifier *c, struct match_batch *match,
    uint32_t *winner);

/* Add what has been counted to counters, one a rule, and forget it. */
void classifier_count(struct classifier *c,
    struct rule_counters *counters);

/* What it is made of, for people. */
void classifier_print(const struct classifier *c, struct buf *out);

#endif
