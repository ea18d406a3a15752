/*
 * What statements are made of: words, strings, numbers, addresses; see
 * parser.h. Test: test/unit/filter/test_parse.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser.h"
#include "suggest.h"

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
	void *memory = arena_alloc(&p->ast->arena, size);

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

/* A quoted string, or a word that is not reserved. */
static bool
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

static bool
copy_text(struct parser *p, const char *text, size_t len, const char **copy)
{
	*copy = arena_strndup(&p->ast->arena, text, len);
	p->nomem |= *copy == NULL;
	return *copy != NULL;
}

/* Or at what was meant for one, perhaps: it is for the caller to say so. */
static bool
at_any_word(const struct parser *p, const char *const *words)
{
	size_t n = 0;

	while (words[n] != NULL)
		n++;
	return p->lex.tok.kind == TOKEN_WORD &&
	    suggest_word(p->lex.tok.text, words, n) != NULL;
}

bool
item_string(struct parser *p, const char *what, const char **text)
{
	static const char *const none[] = { NULL };

	return item_string_until(p, what, none, text);
}

bool
item_string_until(struct parser *p, const char *what,
    const char *const *words, const char **text)
{
	const struct token *tok = &p->lex.tok;
	char joined[ITEM_TEXT_MAX];
	size_t len = 0;

	if (!at_text(p))
		return parser_expected(p, what);
	for (bool first = true;
	     at_text(p) && (first || !at_any_word(p, words)); first = false) {
		if (tok->len + 1 >= sizeof(joined) - len)
			return parser_fail(
			    p, "more than %d octets", ITEM_TEXT_MAX - 2);
		if (!first)
			joined[len++] = ' ';
		memcpy(joined + len, tok->text, tok->len);
		len += tok->len;
		parser_next(p);
	}
	return copy_text(p, joined, len, text);
}

bool
item_text(struct parser *p, const char *what, const char **text)
{
	const struct token *tok = &p->lex.tok;

	if (!at_text(p))
		return parser_expected(p, what);
	if (tok->len >= ITEM_TEXT_MAX - 1)
		return parser_fail(
		    p, "more than %d octets", ITEM_TEXT_MAX - 2);
	if (!copy_text(p, tok->text, tok->len, text))
		return false;
	parser_next(p);
	return true;
}

int
number_parse(const char *text, uint32_t *number)
{
	unsigned long long v;
	char *end;

	/* Signs and blanks, which strtoull() takes, are no number here. */
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

/* The interface in "[fe80::1%eth0]", when it is to be printed so. */
static void
note_scope(struct parser *p, const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	const char *name = strchr(text, '%');
	size_t len;

	p->scope = NULL;
	if (!p->ast->keep_scopes || name == NULL)
		return;
	len = strcspn(++name, "]/");
	if (len > 0 && strspn(name, letters) == len)
		p->scope =
		    arena_strndup(&p->ast->arena, name, len);
}

bool
item_addr(struct parser *p, struct addr *addr)
{
	const struct token *tok = &p->lex.tok;

	if (!at_text(p))
		return parser_expected(p, "an address");
	if (addr_parse(tok->text, addr) != 0)
		return parser_fail(
		    p, "could not parse address \"%.64s\"", tok->text);
	note_scope(p, tok->text);
	parser_next(p);
	return true;
}

/* Text is the token's: it is cut into the parts at its last colon. */
static bool
endpoint_parts(struct parser *p, char *text, struct endpoint *e)
{
	char *colon = strrchr(text, ':');
	uint32_t port;

	if (colon == NULL)
		return parser_fail(p, "missing port: write %.64s:PORT", text);
	*colon = '\0';
	if (strcmp(text, "*") == 0 || strcmp(text, "any") == 0)
		return parser_fail(p, "\"%.64s\" is no address; 0.0.0.0 is any "
		    "of IPv4, [::] any of IPv6", text);
	if (addr_parse(text, &e->addr) != 0)
		return parser_fail(
		    p, "could not parse address \"%.64s\"", text);
	if (number_parse(colon + 1, &port) != 0 || port == 0 ||
	    port > UINT16_MAX)
		return parser_fail(
		    p, "invalid port number \"%.64s\"", colon + 1);
	e->port = (uint16_t)port;
	note_scope(p, text);
	return true;
}

bool
item_endpoint(struct parser *p, struct endpoint *e)
{
	if (!at_text(p))
		return parser_expected(p, "an address and port");
	if (!endpoint_parts(p, p->lex.tok.text, e))
		return false;
	parser_next(p);
	return true;
}

/* The tokens / and LEN behind an address, as text behind it. */
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
		note_scope(p, text);
		return true;
	case FLOWD_ERANGE:
		diag_report(p->sink, &at,
		    "invalid address/masklength \"%s\": bits behind the "
		    "mask are set",
		    text);
		return false;
	default:
		diag_report(
		    p->sink, &at, "could not parse address \"%s\"", text);
		return false;
	}
}

bool
item_address(struct parser *p, struct value *v)
{
	v->kind = at_char(p, '<') ? VALUE_TABLE : VALUE_PREFIX;
	if (v->kind == VALUE_TABLE)
		return item_table(p, &v->table);
	if (!item_prefix(p, &v->prefix))
		return false;
	v->scope = p->scope;
	return true;
}

/* Takes the unit off the text. Returns its number of bits. */
static unsigned
cut_unit(char *text)
{
	static const char units[] = "kKmMgG";
	size_t len = strlen(text);
	const char *unit = len > 0 ? strchr(units, text[len - 1]) : NULL;

	if (unit == NULL)
		return 0;
	text[len - 1] = '\0';
	return 10 * (unsigned)((unit - units) / 2 + 1);
}

bool
item_size(struct parser *p, uint32_t *octets)
{
	struct token *tok = &p->lex.tok;
	char text[32];
	unsigned bits;
	uint32_t n;

	if (!at_text(p) || tok->len >= sizeof(text))
		return item_number(p, octets);
	memcpy(text, tok->text, tok->len + 1);
	bits = cut_unit(text);
	if (bits == 0 || number_parse(text, &n) != 0)
		return item_number(p, octets);
	if (n > UINT32_MAX >> bits)
		return parser_fail(
		    p, "%.64s is larger than 4294967295", tok->text);
	*octets = n << bits;
	parser_next(p);
	return true;
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
