/*
 * Items of statements: strings, addresses with ports, sizes; see
 * config_parser.h. Test: test/unit/config/test_parse.c.
 */
#include <string.h>

#include "config_parser.h"
#include "suggest.h"

/*
 * Is the token one of the words, or a misspelling of one? The caller reports
 * it.
 */
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
	return parser_copy_text(p, joined, len, text);
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
	if (!parser_copy_text(p, tok->text, tok->len, text))
		return false;
	parser_next(p);
	return true;
}

bool
item_addr(struct parser *p, struct addr *addr)
{
	const struct token *tok = &p->lex.tok;

	if (!at_text(p))
		return parser_expected(p, "an address");
	if (addr_parse(tok->text, addr) != 0)
		return parser_fail(p, "could not parse address \"%.64s\"%s",
		    tok->text, addr_hint(tok->text, false));
	parser_note_scope(p, tok->text);
	parser_next(p);
	return true;
}

/* Splits the token's own text at its last colon. */
static bool
endpoint_parts(struct parser *p, char *text, struct endpoint *e)
{
	char *colon = strrchr(text, ':');
	uint32_t port;

	if (colon == NULL)
		return parser_fail(p, "missing port: write %.64s:PORT", text);
	*colon = '\0';
	if (strcmp(text, "*") == 0 || strcmp(text, "any") == 0)
		return parser_fail(p,
		    "\"%.64s\" is not an address; 0.0.0.0 is any "
		    "of IPv4, [::] any of IPv6",
		    text);
	if (addr_parse(text, &e->addr) != 0)
		return parser_fail(p, "could not parse address \"%.64s\"%s",
		    text, addr_hint(text, true));
	if (number_parse(colon + 1, &port) != 0 || port == 0 ||
	    port > UINT16_MAX)
		return parser_fail(
		    p, "invalid port number \"%.64s\"", colon + 1);
	e->port = (uint16_t)port;
	parser_note_scope(p, text);
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

/* Removes the unit from the text. Returns by how many bits it shifts. */
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
