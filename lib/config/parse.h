/*
 * The parser of configurations: a text in, statements out (ast.h). The grammar
 * is in flowd.conf(5).
 *
 * Tests: test/unit/config/test_parse.c, test/program/flowd/test_conf_golden.py;
 * fuzz: fuzz/fuzz_conf.c.
 */
#ifndef FLOWD_PARSE_H
#define FLOWD_PARSE_H

#include "ast.h"
#include "diag.h"

enum {
	PARSE_ERRORS_MAX = 100 /* the rest of the text is then ignored */
};

/*
 * Parse src, which must outlive the filter, and append its statements. Files
 * are included when ast->may_include is set; tables are not loaded here. Every
 * error is reported to sink; the rest of its line is skipped. Returns 0,
 * FLOWD_EINVAL when errors were reported, or FLOWD_ENOMEM past FILTER_MAX,
 * which is reported as well.
 */
int parse_config(
    struct ast *ast, const struct source *src, struct diag_sink *sink);

/*
 * Parse a configuration for its rules alone, into filter: other statements are
 * checked and have no effect. fields is what its store lines choose (enum
 * classic_field). Files are included. Returns as parse_config().
 */
int parse_config_rules(struct filter *filter, const struct source *src,
    struct diag_sink *sink, uint32_t *fields);

#endif
