/*
 * Builds a configuration from its text. Opens no file, unless struct
 * conf_tables allows "include".
 *
 * Called by loader/conf_file.c and conf_image.c. Test:
 * test/program/flowd/test_conf_golden.py.
 */
#ifndef FLOWD_CONF_PARSE_H
#define FLOWD_CONF_PARSE_H

#include "conf.h"
#include "diag.h"

/* Where the addresses of tables come from. */
struct conf_tables {
	bool may_include; /* "include" may read files */
	/* Fill the sets of all tables. Returns 0, or a negative FLOWD_E*. */
	int (*load)(struct prefix_table *tables, struct diag_sink *sink,
	    void *arg);
	void *arg;
};

/*
 * Parse a source, which is taken. Without tables, tables stay empty and rules
 * uncompiled. NULL after logging every error.
 */
struct conf *conf_parse_source(const struct conf_request *req,
    struct source *src, const struct conf_tables *tables);
/* Parse a text, which is copied. */
struct conf *conf_parse_text(const struct conf_request *req,
    struct bytes text, const struct conf_tables *tables);

#endif
