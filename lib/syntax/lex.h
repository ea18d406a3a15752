/*
 * The lexer of configurations and expressions: octets in, tokens out.
 *
 *	continuation	\ at the end of a line joins it with the next, anywhere
 *	comment		# at the start of a token, to the end of the line
 *	quotes		'...' or "...": always a string, never a keyword
 *	word		begins with a letter, a digit or one of [ : _ *
 *			and goes on with all that is not one of (){}<>!=/#,-
 *	macro		$NAME at the start of a token; its value is read in
 *			its place, once: a $ in the value is no macro
 *	newline		ends a statement, so it is a token
 *
 * Re-entrant, allocates nothing. Test: test/unit/syntax/test_lex.c.
 */
#ifndef FLOWD_LEX_H
#define FLOWD_LEX_H

#include <stdbool.h>

#include "diag.h"
#include "macro.h"

enum {
	LEX_TOKEN_MAX = 8096, /* octets of a token and a 0 */
	LEX_SPLICE_MAX = 64 * 1024 * 1024 /* octets of all macros used */
};

enum token_kind {
	TOKEN_END, /* of the text */
	TOKEN_NEWLINE,
	TOKEN_WORD, /* may be a keyword */
	TOKEN_STRING, /* was quoted */
	TOKEN_CHAR, /* any other octet: text holds it */
	TOKEN_BAD /* reported; skip the line */
};

struct token {
	enum token_kind kind;
	bool glued; /* no blank between it and the one before */
	struct place at;
	size_t len;
	char text[LEX_TOKEN_MAX];
};

struct lex {
	const struct macros *macros;
	struct diag_sink *sink;
	struct place next; /* of the octet at hand */
	size_t at; /* offset of the octet behind it */
	int c; /* the octet at hand, or -1 */
	bool stray; /* it is a backslash before white space */
	uint32_t line; /* of the octet behind it */
	size_t line_start;
	struct bytes splice; /* rest of a macro, to be read before c */
	struct place spliced_at;
	size_t spliced; /* octets of all macros so far */
	struct token tok;
};

void lex_init(struct lex *lex, const struct source *src,
    const struct macros *macros, struct diag_sink *sink);

/* Read the next token; it is in lex->tok. Errors are reported. */
void lex_next(struct lex *lex);

/* Is c the next octet other than a blank? */
bool lex_follows(const struct lex *lex, char c);

/*
 * Classic keywords are reserved: they cannot name a macro or appear unquoted
 * where a string is expected. Newer words are not, so that macros of old
 * configurations stay valid.
 */
bool lex_is_keyword(const char *word);

#endif
