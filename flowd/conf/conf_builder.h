/*
 * Inside of conf.c and its neighbours: a configuration while it is made of
 * statements.
 */
#ifndef FLOWD_CONF_BUILDER_H
#define FLOWD_CONF_BUILDER_H

#include "conf.h"
#include "diag.h"

struct conf_tables; /* conf_parse.h */

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

#endif
