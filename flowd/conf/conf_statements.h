/*
 * What conf_parse.c does for each statement that has a file of its own.
 */
#ifndef FLOWD_CONF_STATEMENTS_H
#define FLOWD_CONF_STATEMENTS_H

#include "conf_builder.h"

/* conf_limit.c: limits. */
void conf_limit(struct conf_maker *m, const struct stmt *stmt);

/* conf_logdir.c: the logfile; logdirs, and which rules go to them. */
void conf_logfile(struct conf_maker *m, const struct stmt *stmt);
bool conf_logdir_begin(struct conf_maker *m);
void conf_logdir(struct conf_maker *m, const struct stmt *stmt);
/* When all logdirs are known: what the logs in this rule are. */
void conf_rule_logs(struct conf_maker *m, struct rule *rule);

/* conf_store.c: what is stored of a flow. */
bool conf_store_begin(struct conf_maker *m);
void conf_store(struct conf_maker *m, const struct stmt *stmt);
/* When all lines are known. */
void conf_store_check(struct conf_maker *m, const struct stmt *stmt);
void conf_store_end(struct conf_maker *m);

#endif
