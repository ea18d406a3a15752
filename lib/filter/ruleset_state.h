/*
 * The state of a set of rules; for ruleset_compile.c, which compiles them, and
 * ruleset_run.c, which runs them over batches.
 */
#ifndef FLOWD_RULESET_STATE_H
#define FLOWD_RULESET_STATE_H

#include "classifier.h"
#include "lower.h"
#include "program.h"
#include "ruleset.h"

/* What a rule does to a flow, in a form that needs no branches. */
struct rule_action {
	uint32_t tag; /* 0 if none */
	uint32_t keep; /* mask for the tag so far: none or all */
	uint8_t discard, has_tag; /* 0 or 1 */
};

struct ruleset {
	size_t nrules;
	const struct rule **rules;
	struct rule_counters *counters;
	struct rule_action *actions; /* by rule + 1; 0: no rule matches */
	uint32_t *logs; /* rule->logs by rule + 1; few callers need them */
	uint32_t all_logs;
	struct arena arena;
	struct lowering lowering;
	struct program *programs; /* by rule */
	struct classified_rule *classified;
	struct classifier *classifier; /* NULL: one by one */
	struct match_batch match;
	/*
	 * Which rule decides each row of the current batch: the number + 1
	 * where rules are classified, else a bitmap of rows for each rule.
	 */
	uint32_t winner[MATCH_ROWS];
	uint64_t (*won)[MATCH_WORDS];
};

#endif
