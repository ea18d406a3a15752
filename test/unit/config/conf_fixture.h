/* A configuration in a test: its text is parsed to statements. */
#ifndef FLOWD_TEST_CONF_FIXTURE_H
#define FLOWD_TEST_CONF_FIXTURE_H

#include "../syntax/collect.h"
#include "parse.h"

static struct {
	struct filter filter;
	struct ast ast;
	struct source src;
	struct collected got;
} conf;

static inline int
conf_setup(void **unused)
{
	(void)unused;
	ast_init(&conf.ast, &conf.filter);
	return filter_init(&conf.filter);
}

static inline int
conf_teardown(void **unused)
{
	(void)unused;
	filter_fini(&conf.filter);
	return 0;
}

/* Appends the statements of a text. */
static inline int
conf_parse(const char *text)
{
	collected_init(&conf.got);
	conf.src = source_of_text("t.conf", bytes_of_text(text));
	return parse_config(&conf.ast, &conf.src, &conf.got.sink);
}

/* The first statement of a text that is right, and the whole configuration. */
static inline const struct stmt *
stmt_first(const char *text)
{
	filter_fini(&conf.filter);
	assert_int_equal(filter_init(&conf.filter), 0);
	ast_init(&conf.ast, &conf.filter);
	if (conf_parse(text) != 0)
		fail_msg("%s", conf.got.text);
	assert_non_null(conf.ast.first);
	return conf.ast.first;
}

/* The text has this error, and no other. */
static inline void
conf_fails(const char *text, const char *error)
{
	assert_int_equal(conf_parse(text), FLOWD_EINVAL);
	assert_string_equal(conf.got.text, error);
}

#endif
