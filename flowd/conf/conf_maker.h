/*
 * Inside of conf.c and its neighbours: a configuration while it is made of
 * statements.
 */
#ifndef FLOWD_CONF_MAKER_H
#define FLOWD_CONF_MAKER_H

#include "conf.h"

struct conf_maker {
	struct conf *conf;
	const struct conf_request *req;
	const struct conf_tables *tables; /* NULL: they stay empty */
	struct diag_sink sink;
	bool logfile_chosen; /* there is a "store" for a logfile */
	bool logdir_chosen; /* and one for a logdir */
	struct other_id *elements; /* of lines "store ie" */
	size_t nelements;
};

/* Zeroed; it goes with the configuration. NULL, and logged, without memory. */
void *conf_alloc(struct conf *conf, size_t nmemb, size_t size);
size_t conf_count(const struct conf *conf, enum stmt_kind kind);
/* A path as it is opened. NULL, and logged, without memory. */
const char *conf_path(
    struct conf_maker *m, const struct stmt *stmt, const char *text);

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
