/*
 * Statements that have a file of their own, for conf_parse.c.
 */
#ifndef FLOWD_CONF_STATEMENTS_H
#define FLOWD_CONF_STATEMENTS_H

#include "conf_builder.h"

/* conf_limit.c: "limit". */
void conf_limit(struct conf_builder *m, const struct stmt *stmt);

/* conf_logdir.c: "logfile", "logdir", and the logs of rules. */
void conf_logfile(struct conf_builder *m, const struct stmt *stmt);
bool conf_logdir_begin(struct conf_builder *m);
void conf_logdir(struct conf_builder *m, const struct stmt *stmt);
/* Resolve the logs of a rule, when all logdirs are known. */
void conf_rule_logs(struct conf_builder *m, struct rule *rule);

/* conf_store.c: "store". */
bool conf_store_begin(struct conf_builder *m);
void conf_store(struct conf_builder *m, const struct stmt *stmt);
/* Call it when all statements are known. */
void conf_store_check(struct conf_builder *m, const struct stmt *stmt);
void conf_store_end(struct conf_builder *m);

#endif
