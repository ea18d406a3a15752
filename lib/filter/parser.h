/*
 * Inside of the parser: its state, and what statements are made of.
 *
 * Functions that read an item take it from the tokens at hand and return
 * true, or report what is wrong with it and return false; the statement then
 * ends with false, too.
 * Shared by parse.c (statements) and item.c (items).
 */
#ifndef FLOWD_PARSER_H
#define FLOWD_PARSER_H

#include "ast.h"
#include "lex.h"

enum {
	ITEM_TEXT_MAX = 2048 /* octets of a joined string and a 0 */
};

struct parser {
	struct lex lex;
	struct ast *ast;
	struct diag_sink *sink;
	bool nomem; /* the arena is at its maximum */
};

/* Report at the token at hand. Always false. */
bool parser_fail(struct parser *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Report that something else was expected than the token at hand. */
bool parser_expected(struct parser *p, const char *what);

/* Is the token at hand this word, unquoted? */
bool at_word(const struct parser *p, const char *word);
bool at_char(const struct parser *p, char c);

/* Read over this word. */
bool item_word(struct parser *p, const char *word);
/* One or more strings, joined by spaces; no keywords among them. */
bool item_string(struct parser *p, const char *what, const char **text);
bool item_number(struct parser *p, uint32_t *number);
bool item_addr(struct parser *p, struct addr *addr);
/* ADDR:PORT */
bool item_endpoint(struct parser *p, struct endpoint *e);
/* ADDR or ADDR/LEN */
bool item_prefix(struct parser *p, struct prefix *prefix);
/* A number of octets, with a unit of 1024, 1024^2 or 1024^3: k, M, G */
bool item_size(struct parser *p, uint32_t *octets);
/* A word or string that is not empty and fits into size octets with its 0. */
bool item_name(struct parser *p, const char *what, char *name, size_t size);

/*
 * What is behind "accept" or "discard", which stands at the place at, up to
 * the end of the line. NULL after an error has been reported.
 */
struct rule *rule_parse(struct parser *p, bool discard,
    const struct place *at);

/*
 * A number as C writes it: decimal, 0x hexadecimal, 0 octal.
 * Returns 0, FLOWD_EINVAL, or FLOWD_ERANGE past 32 bits.
 */
int number_parse(const char *text, uint32_t *number);

#endif
