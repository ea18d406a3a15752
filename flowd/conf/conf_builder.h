/*
 * A configuration under construction.
 *
 * Called by conf_parse.c and the files of its statements (conf_statements.h).
 */
#ifndef FLOWD_CONF_BUILDER_H
#define FLOWD_CONF_BUILDER_H

#include "conf.h"
#include "diag.h"

struct conf_tables; /* conf_parse.h */

struct conf_builder {
	struct conf *conf;
	const struct conf_request *req;
	const struct conf_tables *tables; /* NULL: tables stay empty */
	struct diag_sink sink;
	bool logfile_chosen; /* a "store" statement applies to the log file */
	bool logdir_chosen; /* a "store" statement applies to logdirs */
	struct other_id *elements; /* of "store ie" statements */
	size_t nelements;
};

/*
 * Allocate zeroed memory that is freed with the configuration. NULL after
 * logging when out of memory.
 */
void *conf_alloc(struct conf *conf, size_t nmemb, size_t size);
size_t conf_count(const struct conf *conf, enum stmt_kind kind);
/* An absolute path. NULL after logging when out of memory. */
const char *conf_path(
    struct conf_builder *m, const struct stmt *stmt, const char *text);

#endif
