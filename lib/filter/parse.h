/*
 * The parser of the configuration and filter language: a text in, statements
 * out (ast.h). The grammar is in flowd.conf(5).
 *
 * Called by the daemon at start, on HUP and for -n, and by flowd-reader -f.
 * Tests: test/unit/filter/test_parse.c, test/program/test_conf_golden.py;
 * fuzz: fuzz/fuzz_conf.c.
 */
#ifndef FLOWD_PARSE_H
#define FLOWD_PARSE_H

#include "ast.h"
#include "diag.h"

enum {
	PARSE_ERRORS_MAX = 100 /* then the rest of the text is left */
};

/*
 * Parse src, which must outlive the ast, and append its statements. Files are
 * included when ast->may_include is set; tables are not loaded here. Every
 * error is reported into sink; after one the rest of its line is passed over.
 * Returns 0, FLOWD_EINVAL when errors were reported, or FLOWD_ENOMEM past
 * AST_MAX, which is reported as well.
 */
int parse_config(
    struct ast *ast, const struct source *src, struct diag_sink *sink);

/*
 * Parse an expression, "proto tcp and octets > 1M", and append the rule that
 * discards what it does not hold for. Returns as parse_config(), but FLOWD_ENOMEM
 * is not reported; sink has not been used before.
 */
int parse_expression(
    struct ast *ast, const struct source *src, struct diag_sink *sink);

#endif
