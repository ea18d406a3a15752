/* Configurations from files; see conf_file.h. */
#include "conf_file.h"
#include "conf_parse.h"
#include "log.h"

static int
load_tables(struct prefix_table *tables, struct diag_sink *sink, void *arg)
{
	(void)arg;
	return prefix_tables_load(tables, sink);
}

struct conf *
conf_load(const struct conf_request *req)
{
	const struct conf_tables tables = { .may_include = true,
		.load = load_tables };
	struct flowd_error err;
	struct source src;

	if (source_read(&src, req->path, &err) != 0) {
		log_error("%s", err.text);
		return NULL;
	}
	return conf_parse_source(req, &src, &tables);
}
