/*
 * Items of rules and statements: words, numbers, prefixes, names of logs; see
 * parser.h. Test: test/unit/config/test_parse.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser.h"

enum {
	PREFIX_OCTETS = 100 /* of the longest address */
};

void
parser_next(struct parser *p)
{
	do {
		lex_next(&p->lex);
	} while (p->open > 0 && p->lex.tok.kind == TOKEN_NEWLINE);
}

void *
parser_alloc(struct parser *p, size_t size)
{
	void *memory = arena_alloc(&p->filter->arena, size);

	p->nomem |= memory == NULL;
	return memory;
}

bool
parser_fail(struct parser *p, const char *fmt, ...)
{
	va_list ap;

	if (p->lex.tok.kind == TOKEN_BAD)
		return false;
	va_start(ap, fmt);
	diag_vreport(p->sink, &p->lex.tok.at, fmt, ap);
	va_end(ap);
	return false;
}

bool
parser_expected(struct parser *p, const char *what)
{
	const struct token *tok = &p->lex.tok;
	unsigned char c = (unsigned char)tok->text[0];

	switch (tok->kind) {
	case TOKEN_END:
		return parser_fail(p, "expected %s; the text ends here", what);
	case TOKEN_NEWLINE:
		return parser_fail(p, "expected %s; the line ends here", what);
	case TOKEN_CHAR:
		if (c == '\r')
			return parser_fail(
			    p, "a carriage return: are these DOS line ends?");
		if (c >= 0x80)
			return parser_fail(p, "stray octet 0x%02x: only ASCII "
			    "stands outside of quotes", c);
		if (c <= ' ' || c == 0x7f)
			return parser_fail(p, "stray octet 0x%02x", c);
		return parser_fail(p, "expected %s, not '%c'", what, c);
	default:
		return parser_fail(
		    p, "expected %s, not \"%.64s\"", what, tok->text);
	}
}

bool
at_word(const struct parser *p, const char *word)
{
	return p->lex.tok.kind == TOKEN_WORD &&
	       strcmp(p->lex.tok.text, word) == 0;
}

bool
at_char(const struct parser *p, char c)
{
	return p->lex.tok.kind == TOKEN_CHAR && p->lex.tok.text[0] == c;
}

bool
at_text(const struct parser *p)
{
	const struct token *tok = &p->lex.tok;

	return tok->kind == TOKEN_STRING ||
	       (tok->kind == TOKEN_WORD && !lex_is_keyword(tok->text));
}

bool
item_word(struct parser *p, const char *word)
{
	char what[40];

	if (!at_word(p, word)) {
		(void)snprintf(what, sizeof(what), "\"%s\"", word);
		return parser_expected(p, what);
	}
	parser_next(p);
	return true;
}

bool
parser_copy_text(
    struct parser *p, const char *text, size_t len, const char **copy)
{
	*copy = arena_strndup(&p->filter->arena, text, len);
	p->nomem |= *copy == NULL;
	return *copy != NULL;
}

int
number_parse(const char *text, uint32_t *number)
{
	unsigned long long v;
	char *end;

	/* strtoull() would accept signs and blanks. */
	if (text[0] < '0' || text[0] > '9')
		return FLOWD_EINVAL;
	v = strtoull(text, &end, 0);
	if (*end != '\0')
		return FLOWD_EINVAL;
	if (v > UINT32_MAX)
		return FLOWD_ERANGE;
	*number = (uint32_t)v;
	return 0;
}

bool
item_number(struct parser *p, uint32_t *number)
{
	const struct token *tok = &p->lex.tok;

	if (!at_text(p))
		return parser_expected(p, "a number");
	switch (number_parse(tok->text, number)) {
	case 0:
		parser_next(p);
		return true;
	case FLOWD_ERANGE:
		return parser_fail(
		    p, "%.64s is larger than 4294967295", tok->text);
	default:
		return parser_fail(p, "\"%.64s\" is not a number", tok->text);
	}
}

void
parser_note_scope(struct parser *p, const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	const char *name = strchr(text, '%');
	size_t len;

	p->scope = NULL;
	if (!p->filter->keep_scopes || name == NULL)
		return;
	len = strcspn(++name, "]/");
	if (len > 0 && strspn(name, letters) == len)
		p->scope =
		    arena_strndup(&p->filter->arena, name, len);
}

/* Reads the tokens "/" and LEN, and appends them to the text of an address. */
static bool
append_prefix_len(struct parser *p, char *text, size_t size)
{
	size_t len = strlen(text);
	uint32_t bits;

	parser_next(p);
	if (!item_number(p, &bits))
		return false;
	(void)snprintf(text + len, size - len, "/%lu", (unsigned long)bits);
	return true;
}

bool
item_prefix(struct parser *p, struct prefix *prefix)
{
	struct token *tok = &p->lex.tok;
	struct place at = tok->at;
	char text[128];

	if (!at_text(p))
		return parser_expected(p, "a prefix");
	if (tok->len > PREFIX_OCTETS)
		return parser_fail(p, "could not parse address \"%.64s...\"",
		    tok->text);
	memcpy(text, tok->text, tok->len + 1);
	parser_next(p);
	if (at_char(p, '/') && !append_prefix_len(p, text, sizeof(text)))
		return false;
	switch (prefix_parse(text, prefix)) {
	case 0:
		parser_note_scope(p, text);
		return true;
	case FLOWD_ERANGE:
		diag_report(p->sink, &at,
		    "invalid address/masklength \"%s\": bits behind the "
		    "mask are set",
		    text);
		return false;
	default:
		diag_report(p->sink, &at, "could not parse address \"%s\"%s",
		    text, addr_hint(text, false));
		return false;
	}
}

bool
item_name(struct parser *p, const char *what, char *name, size_t size)
{
	const struct token *tok = &p->lex.tok;

	if (!at_text(p))
		return parser_expected(p, what);
	if (tok->len == 0 || tok->len >= size)
		return parser_fail(p, "\"%.64s\" is not %s", tok->text, what);
	memcpy(name, tok->text, tok->len + 1);
	parser_next(p);
	return true;
}

bool
item_open(struct parser *p, char c)
{
	char what[] = { '\'', c, '\'', '\0' };

	if (!at_char(p, c))
		return parser_expected(p, what);
	p->open++;
	parser_next(p);
	return true;
}

bool
item_close(struct parser *p, char c, const struct place *opened)
{
	char what[] = { '\'', c, '\'', '\0' };

	if (p->lex.tok.kind == TOKEN_END) {
		diag_report(p->sink, opened, "this is not closed by %s", what);
		return false;
	}
	if (!at_char(p, c))
		return parser_expected(p, what);
	p->open--;
	parser_next(p);
	return true;
}

bool
item_log_name(struct parser *p, const char **name)
{
	char text[LOG_NAME_MAX + 1];

	if (!item_name(p, "the name of a log", text, sizeof(text)))
		return false;
	return parser_copy_text(p, text, strlen(text), name);
}

static bool
take_log_name(struct parser *p, struct log_name **name)
{
	*name = parser_alloc(p, sizeof(**name));
	if (*name == NULL)
		return false;
	(*name)->at = p->lex.tok.at;
	return item_log_name(p, &(*name)->name);
}

bool
item_log_names(struct parser *p, struct log_name **names)
{
	struct place opened = p->lex.tok.at;

	if (!at_char(p, '{'))
		return take_log_name(p, names);
	if (!item_open(p, '{'))
		return false;
	do {
		if (p->lex.tok.kind == TOKEN_END)
			return item_close(p, '}', &opened);
		if (!take_log_name(p, names))
			return false;
		names = &(*names)->next;
		if (at_char(p, ','))
			parser_next(p);
	} while (!at_char(p, '}'));
	return item_close(p, '}', &opened);
}
