/*
 * Filter rules: an action for the flows that match a condition.
 *
 * A rule lies in the arena of its filter. rule_parse.c makes rules,
 * rule_print.c prints them, ruleset_compile.c compiles them and ruleset_run.c
 * runs them.
 */
#ifndef FLOWD_RULE_H
#define FLOWD_RULE_H

#include "buf.h"
#include "rule_counters.h"
#include "term.h"

enum {
	LOG_NAME_MAX = 63 /* octets */
};

/* A log that a rule names. */
struct log_name {
	struct log_name *next;
	struct place at;
	const char *name;
};

struct rule {
	struct rule *next;
	bool discard;
	bool quick;
	bool has_tag;
	uint32_t tag;
	struct log_name *log_names; /* NULL: to the logs without a name */
	uint32_t logs; /* the same: a bit for each, set by flowd/conf/conf.c */
	struct cond *cond;
};

/*
 * The canonical text of a rule, without a newline: it parses to the same
 * rule. Dates are in local time, as they are read.
 */
void rule_print(const struct rule *rule, struct buf *out);
/*
 * As the first flowd logged it: the action as one word, "tag N" for a rule
 * that tags, and behind the rule "  # evaluations N matches N wins N".
 */
void rule_print_counters(const struct rule *rule,
    const struct rule_counters *counters, struct buf *out);

#endif
