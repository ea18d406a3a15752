/* The lexer; see lex.h. Test: test/unit/syntax/test_lex.c. */
#include <string.h>

#include "lex.h"

enum { LEX_END = -1 };

static bool
is_blank(int c)
{
	return c == ' ' || c == '\t';
}

static bool
is_alnum(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

static bool
is_macro_name(int c)
{
	return is_alnum(c) || c == '_';
}

static bool
is_word_start(int c)
{
	return is_alnum(c) || c == '[' || c == ':' || c == '_' || c == '*';
}

static bool
is_word_body(int c)
{
	return c > ' ' && c < 0x7f && strchr("(){}<>!=/#,-", c) == NULL;
}

static int
octet_at(const struct lex *lex, size_t off)
{
	const struct bytes *text = &lex->next.src->text;

	return off < text->len ? text->ptr[off] : LEX_END;
}

static void
line_ends(struct lex *lex)
{
	lex->line++;
	lex->line_start = lex->at;
}

static void
join_lines(struct lex *lex)
{
	while (octet_at(lex, lex->at) == '\\' &&
	       octet_at(lex, lex->at + 1) == '\n') {
		lex->at += 2;
		line_ends(lex);
	}
}

static void
skip_blanks(struct lex *lex)
{
	join_lines(lex);
	while (is_blank(octet_at(lex, lex->at))) {
		lex->at++;
		join_lines(lex);
	}
}

/* A backslash before white space other than a newline, such as \r. */
static bool
is_stray_backslash(const struct lex *lex)
{
	int after = octet_at(lex, lex->at);

	return lex->c == '\\' &&
	       (is_blank(after) || (after >= '\v' && after <= '\r'));
}

/*
 * Reads the next octet of the text. Joins lines that end with a backslash, and
 * reduces a run of blanks to one, even in quotes.
 */
static void
octet_fetch(struct lex *lex)
{
	join_lines(lex);
	lex->next.line = lex->line;
	lex->next.column = (uint32_t)(lex->at - lex->line_start) + 1;
	lex->c = octet_at(lex, lex->at);
	if (lex->c == LEX_END)
		return;
	lex->at++;
	lex->stray = is_stray_backslash(lex);
	if (lex->c == '\n')
		line_ends(lex);
	if (is_blank(lex->c)) {
		lex->c = ' ';
		skip_blanks(lex);
	}
}

void
lex_init(struct lex *lex, const struct source *src, const struct macros *macros,
    struct diag_sink *sink)
{
	*lex = (struct lex){
		.macros = macros,
		.sink = sink,
		.next = { .src = src, .width = 1 },
		.line = 1,
	};
	octet_fetch(lex);
}

static bool
in_splice(const struct lex *lex)
{
	return lex->splice.len > 0;
}

static int
octet_peek(const struct lex *lex)
{
	return in_splice(lex) ? lex->splice.ptr[0] : lex->c;
}

static void
octet_skip(struct lex *lex)
{
	if (in_splice(lex)) {
		lex->splice.ptr++;
		lex->splice.len--;
		return;
	}
	octet_fetch(lex);
}

static void
token_bad(struct lex *lex, const struct place *at, const char *text)
{
	if (lex->tok.kind != TOKEN_BAD)
		diag_report(lex->sink, at, "%s", text);
	lex->tok.kind = TOKEN_BAD;
}

/* Appends the current octet to the token. */
static void
octet_take(struct lex *lex)
{
	struct token *tok = &lex->tok;
	int c = octet_peek(lex);

	if (!in_splice(lex) && lex->stray)
		token_bad(lex, &lex->next, "white space after \\");
	else if (c == '\0')
		token_bad(lex, &lex->next, "a NUL octet");
	else if (tok->len + 1 == sizeof(tok->text))
		token_bad(lex, &tok->at, "the word is too long");
	else
		tok->text[tok->len++] = (char)c;
	octet_skip(lex);
}

static void
skip_comment(struct lex *lex)
{
	while (octet_peek(lex) != '\n' && octet_peek(lex) != LEX_END)
		octet_skip(lex);
}

/*
 * Reads $NAME and makes its value the next input. The $ is the current octet.
 */
static void
use_macro(struct lex *lex)
{
	struct token *tok = &lex->tok;
	const struct macro *macro;

	tok->at = lex->next;
	octet_skip(lex);
	tok->len = 0;
	while (is_macro_name(lex->c))
		octet_take(lex);
	tok->at.width = (uint32_t)tok->len + 1;
	macro = macro_find(lex->macros,
	    (struct bytes){ (const uint8_t *)tok->text, tok->len });
	if (macro == NULL) {
		tok->text[tok->len] = '\0';
		if (tok->kind != TOKEN_BAD)
			diag_report(lex->sink, &tok->at,
			    "macro \"%.64s\" not defined", tok->text);
		tok->kind = TOKEN_BAD;
		return;
	}
	lex->spliced += macro->value.len;
	if (lex->spliced > LEX_SPLICE_MAX)
		token_bad(lex, &tok->at, "too much text comes from macros");
	else
		lex->splice = macro->value;
	lex->spliced_at = tok->at;
}

/* Skips blanks and comments, and expands macros, up to the next token. */
static void
skip_to_token(struct lex *lex)
{
	for (;;) {
		int c = octet_peek(lex);

		if (is_blank(c)) {
			lex->tok.glued = false;
			octet_skip(lex);
		} else if (c == '#') {
			skip_comment(lex);
		} else if (c == '$' && !in_splice(lex) &&
			   lex->tok.kind != TOKEN_BAD) {
			use_macro(lex);
		} else {
			return;
		}
	}
}

/*
 * Reads a quoted string without its newlines. The quote is the current octet.
 */
static void
read_quoted(struct lex *lex)
{
	int quote = octet_peek(lex);

	lex->tok.kind = TOKEN_STRING;
	octet_skip(lex);
	while (octet_peek(lex) != quote) {
		if (octet_peek(lex) == LEX_END) {
			token_bad(lex, &lex->tok.at, "the quote is not closed");
			return;
		}
		if (octet_peek(lex) == '\n')
			octet_skip(lex);
		else
			octet_take(lex);
	}
	octet_skip(lex);
}

static void
read_word(struct lex *lex)
{
	lex->tok.kind = TOKEN_WORD;
	do {
		octet_take(lex);
	} while (is_word_body(octet_peek(lex)));
}

static void
read_token(struct lex *lex)
{
	struct token *tok = &lex->tok;
	int c = octet_peek(lex);

	if (c == LEX_END) {
		tok->kind = TOKEN_END;
	} else if (c == '\n') {
		tok->kind = TOKEN_NEWLINE;
		octet_skip(lex);
	} else if (c == '"' || c == '\'') {
		read_quoted(lex);
	} else if (is_word_start(c)) {
		read_word(lex);
	} else {
		tok->kind = TOKEN_CHAR;
		octet_take(lex);
	}
}

/* The octets to underline: those of the macro, or of the token. */
static uint32_t
token_width(const struct place *begin, const struct place *end)
{
	if (begin->width > 1)
		return begin->width;
	if (begin->line != end->line || end->column <= begin->column)
		return 1;
	return end->column - begin->column;
}

void
lex_next(struct lex *lex)
{
	struct token *tok = &lex->tok;

	tok->kind = TOKEN_CHAR;
	tok->glued = true;
	skip_to_token(lex);
	tok->len = 0;
	if (tok->kind == TOKEN_BAD)
		return;
	tok->at = in_splice(lex) ? lex->spliced_at : lex->next;
	read_token(lex);
	tok->text[tok->len] = '\0';
	tok->at.width = token_width(&tok->at, &lex->next);
}

bool
lex_follows(const struct lex *lex, char c)
{
	size_t at = lex->at;

	if (in_splice(lex))
		return false;
	if (!is_blank(lex->c))
		return lex->c == c;
	while (is_blank(octet_at(lex, at)))
		at++;
	return octet_at(lex, at) == c;
}

/* Sorted for readers; the search is linear. */
static const char *const keywords[] = {
	"accept",
	"after",
	"agent",
	"all",
	"any",
	"before",
	"bufsize",
	"date",
	"days",
	"discard",
	"dst",
	"equals",
	"flow",
	"forward",
	"group",
	"in_ifndx",
	"inet",
	"inet6",
	"join",
	"listen",
	"logfile",
	"logsock",
	"mask",
	"on",
	"out_ifndx",
	"pidfile",
	"port",
	"proto",
	"quick",
	"source",
	"src",
	"store",
	"tag",
	"tcp_flags",
	"to",
	"tos",
};

bool
lex_is_keyword(const char *word)
{
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (strcmp(keywords[i], word) == 0)
			return true;
	return false;
}
