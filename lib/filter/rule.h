/*
 * Filter rules: an action for the flows that match.
 *
 * A rule lies in the arena of its ast. Made by rule_parse.c, printed by
 * rule_print.c, run by ruleset.c.
 */
#ifndef FLOWD_RULE_H
#define FLOWD_RULE_H

#include "buf.h"
#include "expr.h"

/* The words of clauses, in the order in which a rule is printed. */
enum clause_kind {
	CLAUSE_AGENT,
	CLAUSE_IN_IFNDX,
	CLAUSE_OUT_IFNDX,
	CLAUSE_FAMILY,
	CLAUSE_SRC,
	CLAUSE_SRC_PORT,
	CLAUSE_DST,
	CLAUSE_DST_PORT,
	CLAUSE_PROTO,
	CLAUSE_TOS,
	CLAUSE_TCP_FLAGS,
	CLAUSE_DAYS,
	CLAUSE_TIME,
	CLAUSE_DATE,
	CLAUSE_KINDS
};

enum {
	DAY_LAST_SEC = 24 * 3600 - 1
};

/* A clause: its test as written, and whether "!" stands in front of it. */
struct clause {
	bool present;
	bool negate;
	bool any;		/* src, dst: any address */
	bool after, before;	/* times and dates: which ends are there */
	struct expr expr;
};

struct rule {
	struct rule *next;
	bool discard;
	bool quick;
	bool has_tag;
	uint32_t tag;
	struct clause clause[CLAUSE_KINDS];
	struct expr *expr;	/* all of them together */
};

/* How often a rule was tested, held, and decided. */
struct rule_counters {
	uint64_t evaluations;
	uint64_t matches;
	uint64_t wins;
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
