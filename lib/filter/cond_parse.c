/*
 * Conditions: terms joined by and, or, not and parentheses; see parser.h.
 *
 *	condition	conjunction { or conjunction }
 *	conjunction	clauses { and clauses }
 *	clauses		one or more of them, side by side: all must hold
 *	clause		term | not clause | ( condition )
 *
 * Test: test/unit/config/test_parse.c.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "hint.h"
#include "protocol.h"

enum {
	DEPTH_MAX = 64, /* nested parentheses and "not" */
	TERMS_MAX = 4096, /* terms of a condition */
	WORD_MAX = 64 /* octets of a word to suggest */
};

/* Adjacent clauses; a classic one may appear once among them. */
struct clauses {
	struct term *seen[ORDER_NONE]; /* by classic order */
	struct cond *cond; /* the clauses so far, joined */
};

static struct cond *
new_cond(struct parser *p, enum cond_kind kind, struct cond *left,
    struct cond *right)
{
	struct cond *c = parser_alloc(p, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->kind = kind;
	c->left = left;
	c->right = right;
	return c;
}

static bool
is_all(const struct cond *c)
{
	return c->kind == COND_ALL;
}

/* "left and right"; left may be NULL, and "all" adds nothing. */
static struct cond *
cond_and(struct parser *p, struct cond *left, struct cond *right)
{
	if (left == NULL || is_all(left))
		return right;
	return is_all(right) ? left : new_cond(p, COND_AND, left, right);
}

/* "left or right", which is "all" when either is. */
static struct cond *
cond_or(struct parser *p, struct cond *left, struct cond *right)
{
	if (is_all(left))
		return left;
	return is_all(right) ? right : new_cond(p, COND_OR, left, right);
}

static struct term *
new_term(struct parser *p, const struct filter_field *field)
{
	struct term *term;

	if (++p->nterms > TERMS_MAX) {
		(void)parser_fail(p, "more than %d tests in a rule; a list or "
		    "a table takes more", TERMS_MAX);
		return NULL;
	}
	term = parser_alloc(p, sizeof(*term));
	if (term == NULL)
		return NULL;
	term->field = field;
	term->at = p->lex.tok.at;
	return term;
}

/* Appends a complete term to the clauses; reports a repeated classic one. */
static bool
add_term(struct parser *p, struct clauses *cs, struct term *term,
    const char *word)
{
	struct cond *c = new_cond(p, COND_TERM, NULL, NULL);
	unsigned order = (unsigned)term->field->order;

	if (c == NULL)
		return false;
	if (order != ORDER_NONE && term->side != SIDE_EITHER) {
		if (term->side == SIDE_DST)
			order += ORDER_DST - ORDER_SRC;
		if (cs->seen[order] != NULL) {
			diag_report(p->sink, &term->at,
			    "\"%s\" is given twice; a list takes several "
			    "values, "
			    "and \"and\" joins two tests of the same",
			    word);
			return false;
		}
		cs->seen[order] = term;
	}
	c->term = term;
	cs->cond = cond_and(p, cs->cond, c);
	return cs->cond != NULL;
}

static bool
parse_term(
    struct parser *p, struct clauses *cs, const struct filter_field *field)
{
	struct term *term = new_term(p, field);

	if (term == NULL)
		return false;
	parser_next(p);
	return term_parse_values(p, term) &&
	    add_term(p, cs, term, field->word);
}

/* tcp, udp, icmp, ...: short for "proto tcp" */
static bool
parse_protocol_word(struct parser *p, struct clauses *cs, int number)
{
	struct term *term = new_term(p, filter_field_find("proto"));
	struct filter_value *v = parser_alloc(p, sizeof(*v));

	if (term == NULL || v == NULL)
		return false;
	v->kind = VALUE_EQUAL;
	v->lo = v->hi = (uint64_t)number;
	term->values = v;
	term->bare = true;
	parser_next(p);
	return add_term(p, cs, term, "proto");
}

static const char *
side_word(enum side side)
{
	static const char *const words[] = {
		[SIDE_SRC] = "src",
		[SIDE_DST] = "dst",
		[SIDE_EITHER] = "host",
	};

	return words[side];
}

/* Parses "port" and what follows; "port" is the current token. */
static bool
parse_port(struct parser *p, struct clauses *cs, enum side side, bool behind)
{
	struct term *term = new_term(p, &filter_field_port);

	if (term == NULL)
		return false;
	term->side = side;
	term->behind = behind;
	parser_next(p);
	return term_parse_values(p, term) && add_term(p, cs, term, "port");
}

/* [host | net] ADDRESSES [port PORTS], or port PORTS; the side stood at at. */
static bool
parse_side(struct parser *p, struct clauses *cs, enum side side,
    const struct place *at)
{
	struct term *term;

	if (at_word(p, "port"))
		return parse_port(p, cs, side, false);
	if (at_word(p, "host") || at_word(p, "net"))
		parser_next(p);
	if (hint_report(p, side == SIDE_DST ? HINT_DST : HINT_SRC,
		side == SIDE_DST ? "dst " : side == SIDE_SRC ? "src " : ""))
		return false;
	term = new_term(p, &filter_field_address);
	if (term == NULL)
		return false;
	term->side = side;
	term->at = *at;
	if (!term_parse_values(p, term) ||
	    !add_term(p, cs, term, side_word(side)))
		return false;
	/* Behind "host X" a port is a clause of its own, of either side. */
	if (side == SIDE_EITHER || !at_word(p, "port"))
		return true;
	return parse_port(p, cs, side, true);
}

/* src, dst, or both words: either side */
static bool
parse_src_dst(struct parser *p, struct clauses *cs)
{
	enum side side = at_word(p, "src") ? SIDE_SRC : SIDE_DST;
	struct place at = p->lex.tok.at;

	parser_next(p);
	if (at_word(p, side == SIDE_SRC ? "dst" : "src")) {
		side = SIDE_EITHER;
		parser_next(p);
	}
	return parse_side(p, cs, side, &at);
}

/* The term that this "before" or "after" completes, or a new one. */
static struct term *
clock_term(struct parser *p, struct clauses *cs,
    const struct filter_field *field, bool *old)
{
	struct term *term = cs->seen[field->order];

	*old = term != NULL;
	if (*old)
		return term;
	term = new_term(p, field);
	if (term == NULL)
		return NULL;
	term->values = parser_alloc(p, sizeof(*term->values));
	return term->values != NULL ? term : NULL;
}

/* HH:MM[:SS] as the second of the day; anything behind it is ignored. */
static bool
item_daytime(struct parser *p, uint64_t *sec)
{
	unsigned h, m, s = 0;
	const struct token *tok = &p->lex.tok;

	if (tok->kind != TOKEN_WORD && tok->kind != TOKEN_STRING)
		return parser_expected(p, "a time of the day");
	if (sscanf(tok->text, "%2u:%2u:%2u", &h, &m, &s) < 2 || h > 23 ||
	    m > 59 || s > 59)
		return parser_fail(p, "invalid time \"%.32s\"; write a date "
		    "after \"date\"", tok->text);
	if (strpbrk(tok->text, "Z+") != NULL)
		return parser_fail(p, "\"%.32s\": a time of the day is local "
		    "time", tok->text);
	*sec = h * 3600 + m * 60 + s;
	parser_next(p);
	return true;
}

/*
 * The start of a date in seconds; the last one if clocks show it twice and it
 * ends a range.
 */
static bool
item_date(struct parser *p, bool after, uint64_t *sec)
{
	const int64_t second_ns = 1000000000;
	struct place at = p->lex.tok.at;
	struct datetime d;
	int64_t ns;

	if (!item_time(p, &d))
		return false;
	ns = after ? d.first_ns : d.begin_late_ns;
	*sec = (uint64_t)(ns / second_ns);
	if (ns % second_ns == 0)
		return true;
	diag_report(p->sink, &at, "a date has whole seconds");
	return false;
}

/* (after | before) TIME, (after | before) date DATE */
static bool
parse_after_before(struct parser *p, struct clauses *cs)
{
	bool after = at_word(p, "after"), date, old;
	struct place at = p->lex.tok.at;
	struct term *term;
	uint64_t *end;

	parser_next(p);
	date = at_word(p, "date");
	if (date)
		parser_next(p);
	term = clock_term(p, cs,
	    filter_field_find(date ? "after date" : "after"), &old);
	if (term == NULL)
		return false;
	if (after ? term->after : term->before) {
		diag_report(p->sink, &at, "\"%s\" is given twice",
		    after ? "after" : "before");
		return false;
	}
	*(after ? &term->after : &term->before) = true;
	term->at = at;
	end = after ? &term->values->lo : &term->values->hi;
	if (!(date ? item_date(p, after, end) : item_daytime(p, end)))
		return false;
	return old || add_term(p, cs, term, date ? "date" : "after");
}

static bool
fail_clause(struct parser *p)
{
	const struct token *tok = &p->lex.tok;
	const char *near = NULL;
	char lower[WORD_MAX];

	if (hint_report(p, HINT_TEST, ""))
		return false;
	if (tok->kind == TOKEN_WORD && tok->len < sizeof(lower)) {
		for (size_t i = 0; i <= tok->len; i++)
			lower[i] = (char)tolower((unsigned char)tok->text[i]);
		near = filter_field_suggest(lower);
	}
	if (near != NULL && strcmp(near, tok->text) != 0)
		return parser_fail(p,
		    "unknown clause \"%.64s\"; did you mean \"%s\"?",
		    tok->text, near);
	if (p->expression)
		return parser_expected(p, "a test");
	return parser_expected(p, "a clause of a rule or the end of the line");
}

static bool parse_clause(struct parser *p, struct clauses *cs);

/* "!" or "not" and a clause; "! inet" is a classic one. */
static bool
parse_not(struct parser *p, struct clauses *cs)
{
	bool classic = at_char(p, '!');
	struct clauses of_not = { .cond = NULL };
	struct cond *c;

	if (p->depth == DEPTH_MAX)
		return parser_fail(p, "more than %d levels", DEPTH_MAX);
	parser_next(p);
	if (classic && (at_word(p, "inet") || at_word(p, "inet6"))) {
		struct term *term =
		    new_term(p, filter_field_find(p->lex.tok.text));

		if (term == NULL)
			return false;
		term->negate = true;
		parser_next(p);
		return term_parse_values(p, term) &&
		    add_term(p, cs, term, "inet");
	}
	if (classic && at_word(p, "all"))
		return parser_expected(p, "a test");
	p->depth++;
	if (!parse_clause(p, &of_not))
		return false;
	p->depth--;
	c = new_cond(p, COND_NOT, of_not.cond, NULL);
	cs->cond = c != NULL ? cond_and(p, cs->cond, c) : NULL;
	return cs->cond != NULL;
}

static bool
parse_parentheses(struct parser *p, struct clauses *cs)
{
	struct place opened = p->lex.tok.at;
	struct cond *c;

	if (p->depth == DEPTH_MAX)
		return parser_fail(p, "more than %d levels", DEPTH_MAX);
	p->depth++;
	if (!item_open(p, '('))
		return false;
	c = cond_parse(p);
	if (c == NULL || !item_close(p, ')', &opened))
		return false;
	p->depth--;
	cs->cond = cond_and(p, cs->cond, c);
	return cs->cond != NULL;
}

/* "all" after "not" or in parentheses; elsewhere it is the whole rule. */
static bool
parse_all(struct parser *p, struct clauses *cs)
{
	struct cond *all = new_cond(p, COND_ALL, NULL, NULL);

	if (all == NULL)
		return false;
	parser_next(p);
	cs->cond = cond_and(p, cs->cond, all);
	return cs->cond != NULL;
}

static bool
parse_clause(struct parser *p, struct clauses *cs)
{
	const struct token *tok = &p->lex.tok;
	const struct place at = tok->at;
	const struct filter_field *field;
	int protocol;

	if (at_char(p, '('))
		return parse_parentheses(p, cs);
	if (at_char(p, '!') || at_word(p, "not"))
		return parse_not(p, cs);
	if (tok->kind != TOKEN_WORD)
		return fail_clause(p);
	if (at_word(p, "all") && p->depth > 0)
		return parse_all(p, cs);
	if (at_word(p, "src") || at_word(p, "dst"))
		return parse_src_dst(p, cs);
	if (at_word(p, "host") || at_word(p, "net"))
		return parse_side(p, cs, SIDE_EITHER, &at);
	if (at_word(p, "port"))
		return parse_port(p, cs, SIDE_EITHER, false);
	if (at_word(p, "after") || at_word(p, "before"))
		return parse_after_before(p, cs);
	field = filter_field_find(tok->text);
	if (field != NULL)
		return parse_term(p, cs, field);
	/* Some protocol names mean something else in other tools: ipv6. */
	if (hint_report(p, HINT_TEST, ""))
		return false;
	protocol = protocol_by_name(tok->text);
	if (protocol > 0)
		return parse_protocol_word(p, cs, protocol);
	return fail_clause(p);
}

/* Does the current token end a series of adjacent clauses? */
static bool
at_clauses_end(const struct parser *p)
{
	return p->lex.tok.kind == TOKEN_NEWLINE ||
	    p->lex.tok.kind == TOKEN_END || at_char(p, ')') ||
	    at_word(p, "and") || at_word(p, "or");
}

static struct cond *
parse_clauses(struct parser *p)
{
	struct clauses cs = { .cond = NULL };

	do {
		if (!parse_clause(p, &cs))
			return NULL;
	} while (!at_clauses_end(p));
	return cs.cond;
}

static struct cond *
parse_conjunction(struct parser *p)
{
	struct cond *all = parse_clauses(p), *more;

	while (all != NULL && at_word(p, "and")) {
		parser_next(p);
		more = parse_clauses(p);
		all = more != NULL ? cond_and(p, all, more) : NULL;
	}
	return all;
}

struct cond *
cond_parse(struct parser *p)
{
	struct cond *all = parse_conjunction(p), *more;

	while (all != NULL && at_word(p, "or")) {
		parser_next(p);
		more = parse_conjunction(p);
		all = more != NULL ? cond_or(p, all, more) : NULL;
	}
	return all;
}
