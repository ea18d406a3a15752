/*
 * A filter as it was written: rules in their order, the tables that they name
 * and the macros of the text, all in one arena. Nothing is compiled or looked
 * up here.
 *
 * A filter comes from an expression alone (expression.h), or from
 * the statements of a configuration (lib/config/parse.h).
 */
#ifndef FLOWD_FILTER_H
#define FLOWD_FILTER_H

#include "macro.h"
#include "prefix_table.h"
#include "rule.h"

enum {
	FILTER_MAX = 32 * 1024 * 1024 /* octets of the arena */
};

/* A text that rules and tables point into. */
struct filter_text {
	struct filter_text *next;
	struct source src;
};

struct filter {
	struct arena arena;
	struct macros macros;
	struct rule *rules; /* linked; NULL: none */
	struct rule **last_rule; /* link for the next rule */
	struct prefix_table *tables; /* in their order */
	size_t ntables;
	struct filter_text *texts; /* freed with the filter */
	bool keep_scopes; /* keep the name in fe80::1%eth0, for printing */
	int64_t now_ns; /* base of times such as -15m; 0: they are errors */
	bool utc; /* times without a zone are in UTC */
};

/* The filter is not moved afterwards. Returns 0 or FLOWD_ENOMEM. */
int filter_init(struct filter *filter);
void filter_fini(struct filter *filter);

/*
 * Define a macro as given with -D: NAME=VALUE, split at the last =. It takes
 * precedence over definitions in the text. Returns 0, FLOWD_EINVAL without a
 * =, FLOWD_ENOMEM.
 */
int filter_define(struct filter *filter, const char *definition);

/* Append a rule that lies in the arena. */
void filter_add_rule(struct filter *filter, struct rule *rule);

#endif
