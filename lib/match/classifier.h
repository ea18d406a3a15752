/*
 * The classifier: what a set of rules decides about a flow depends only on the
 * classes of its columns (dimension.h). A flow is thus a tuple of classes,
 * packed into a key, and the decision for a key is cached.
 *
 * A new key is decided by bit vectors (Lakshman and Stiliadis, 1998): for each
 * class of each dimension a bit for every rule that may still match; the rules
 * of the tuple are the intersection. Tests that involve several columns are
 * then evaluated on the flow.
 *
 * Memory is bounded: when the cache is full, the counts are summed up and it is
 * cleared.
 *
 * Test: test/unit/filter/test_ruleset.c.
 */
#ifndef FLOWD_CLASSIFIER_H
#define FLOWD_CLASSIFIER_H

#include "leaf.h"
#include "rule_counters.h"

struct classifier;

/* A rule for the classifier. */
struct classified_rule {
	struct expr *expr; /* the classifier numbers its leaves */
	bool quick;
};

/*
 * The rules and their expressions are borrowed. NULL when out of memory, when
 * there are too many tests, or when it would take more than about a second:
 * then the caller runs the rules one by one.
 */
struct classifier *classifier_new(
    struct classified_rule *rules, size_t nrules);
void classifier_free(struct classifier *c);

/*
 * Set winner of each selected row to the number + 1 of the rule that decides, 0
 * for none. Other rows are unchanged.
 */
void classifier_run(struct classifier *c, struct match_batch *match,
    uint32_t *winner);

/* Add the counts to counters, one per rule, and reset them. */
void classifier_count(struct classifier *c,
    struct rule_counters *counters);

/* Print the structure for debugging. */
void classifier_print(const struct classifier *c, struct buf *out);

#endif
