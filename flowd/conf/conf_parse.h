/*
 * Making a configuration of its text. No file is opened here, unless a
 * struct conf_tables says that the text may include others.
 *
 * Called by loader/conf_file.c and conf_image.c.
 * Test: test/program/test_conf_golden.py.
 */
#ifndef FLOWD_CONF_PARSE_H
#define FLOWD_CONF_PARSE_H

#include "conf.h"
#include "diag.h"

/* How the tables get their addresses. */
struct conf_tables {
	bool may_include; /* files that the text names are read */
	/* Fill the sets of all tables. Returns 0, or a negative FLOWD_E*. */
	int (*load)(struct prefix_table *tables, struct diag_sink *sink, void *arg);
	void *arg;
};

/*
 * Make a configuration of its text; src is taken. Without tables they stay
 * empty and the rules uncompiled, for who only wants to know the rest. NULL
 * after every error has been logged.
 */
struct conf *conf_parse_source(const struct conf_request *req,
    struct source *src, const struct conf_tables *tables);
/* The same of a text, which is copied. */
struct conf *conf_parse_text(const struct conf_request *req,
    struct bytes text, const struct conf_tables *tables);

#endif
