/*
 * The state of the parser of statements, and the items that only they have.
 * Items report errors and return as those of lib/filter/parser.h do.
 */
#ifndef FLOWD_CONFIG_PARSER_H
#define FLOWD_CONFIG_PARSER_H

#include "ast.h"
#include "parser.h"

struct config_parser {
	struct parser base;
	struct ast *ast;
	/* the parser of the including file; NULL: none */
	const struct config_parser *includer;
};

/* Parse a text as statements, into ast: a file, or one that it includes. */
int config_parser_run(struct config_parser *cp, const struct source *src);
/* Parse the files that an include statement names, in their order. */
bool include_parse(struct config_parser *cp, const struct stmt *stmt);

/*
 * Reads one or more strings that are not keywords, and joins them with spaces.
 */
bool item_string(struct parser *p, const char *what, const char **text);
/* The same, up to one of words, or a misspelling of one. */
bool item_string_until(struct parser *p, const char *what,
    const char *const *words, const char **text);
/* Reads one word or string that is no keyword. */
bool item_text(struct parser *p, const char *what, const char **text);
bool item_addr(struct parser *p, struct addr *addr);
/* ADDR:PORT */
bool item_endpoint(struct parser *p, struct endpoint *e);
/* Reads a number of octets, with a unit of 1024, 1024^2 or 1024^3: k, M, G. */
bool item_size(struct parser *p, uint32_t *octets);

/* Read the rest of the line into stmt->logdir. False after an error. */
bool logdir_parse(struct parser *p, struct stmt *stmt);
bool logfile_parse(struct parser *p, struct stmt *stmt);

#endif
