/*
 * The clauses of filter rules; see rule.h and, for the grammar,
 * flowd.conf(5). Called by parse.c. Test: test/unit/filter/test_rule.c,
 * test/program/test_filter_golden.py.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "parser.h"
#include "protocol.h"
#include "rule.h"
#include "suggest.h"

enum {
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	DAYS_IN_WEEK = 7
};

/* An optional "!" in front of a value. */
static void
item_negation(struct parser *p, struct clause *c)
{
	if (!at_char(p, '!'))
		return;
	c->negate = true;
	lex_next(&p->lex);
}

static struct expr
range_expr(unsigned col, uint64_t lo, uint64_t hi)
{
	return (struct expr) { .kind = EXPR_RANGE, .col = (uint8_t)col,
		.range = { lo, hi } };
}

/* A number from min to max, for a column. */
static bool
item_value(struct parser *p, struct clause *c, unsigned col, uint32_t min,
    uint32_t max)
{
	struct place at = p->lex.tok.at;
	uint32_t n;

	item_negation(p, c);
	if (!item_number(p, &n))
		return false;
	if (n < min || n > max) {
		diag_report(p->sink, &at, "%lu is not from %lu to %lu",
		    (unsigned long)n, (unsigned long)min, (unsigned long)max);
		return false;
	}
	c->expr = range_expr(col, n, n);
	return true;
}

static bool
item_prefix_of(struct parser *p, struct clause *c, unsigned col)
{
	item_negation(p, c);
	c->expr = (struct expr) { .kind = EXPR_PREFIX, .col = (uint8_t)col };
	return item_prefix(p, &c->expr.prefix);
}

static bool
parse_agent(struct parser *p, struct rule *rule)
{
	return item_prefix_of(p, &rule->clause[CLAUSE_AGENT], COL_agent_addr);
}

static bool
parse_in_ifndx(struct parser *p, struct rule *rule)
{
	return item_value(p, &rule->clause[CLAUSE_IN_IFNDX], COL_if_in, 1,
	    UINT16_MAX);
}

static bool
parse_out_ifndx(struct parser *p, struct rule *rule)
{
	return item_value(p, &rule->clause[CLAUSE_OUT_IFNDX], COL_if_out, 1,
	    UINT16_MAX);
}

static bool
parse_tos(struct parser *p, struct rule *rule)
{
	return item_value(p, &rule->clause[CLAUSE_TOS], COL_tos, 0,
	    UINT8_MAX);
}

static bool
parse_inet(struct parser *p, struct rule *rule)
{
	(void)p;
	rule->clause[CLAUSE_FAMILY].expr = (struct expr) {
		.kind = EXPR_FAMILY, .family = ADDR_V4
	};
	return true;
}

static bool
parse_inet6(struct parser *p, struct rule *rule)
{
	(void)p;
	rule->clause[CLAUSE_FAMILY].expr = (struct expr) {
		.kind = EXPR_FAMILY, .family = ADDR_V6
	};
	return true;
}

/* [!] (PREFIX | any) [port [!] N] */
static bool
parse_side(struct parser *p, struct rule *rule, enum clause_kind side,
    unsigned addr_col, unsigned port_col)
{
	struct clause *addr = &rule->clause[side];
	struct clause *port = &rule->clause[side + 1];

	item_negation(p, addr);
	if (at_word(p, "any")) {
		lex_next(&p->lex);
		addr->any = true;
		addr->negate = false;
	} else if (!item_prefix_of(p, addr, addr_col)) {
		return false;
	}
	if (!at_word(p, "port"))
		return true;
	lex_next(&p->lex);
	port->present = true;
	return item_value(p, port, port_col, 1, UINT16_MAX);
}

static bool
parse_src(struct parser *p, struct rule *rule)
{
	return parse_side(p, rule, CLAUSE_SRC, COL_src_addr, COL_src_port);
}

static bool
parse_dst(struct parser *p, struct rule *rule)
{
	return parse_side(p, rule, CLAUSE_DST, COL_dst_addr, COL_dst_port);
}

/* A name, or a number from 1 on: 0 is ip. */
static bool
parse_proto(struct parser *p, struct rule *rule)
{
	struct clause *c = &rule->clause[CLAUSE_PROTO];
	struct place at;
	const char *text;
	int named;
	uint32_t n;

	item_negation(p, c);
	at = p->lex.tok.at;
	if (!item_string(p, "a protocol", &text))
		return false;
	named = protocol_by_name(text);
	if (named >= 0)
		n = (uint32_t)named;
	else if (number_parse(text, &n) != 0 || n < 1 || n > UINT8_MAX) {
		diag_report(p->sink, &at, "Invalid protocol \"%.64s\"", text);
		return false;
	}
	c->expr = range_expr(COL_protocol, n, n);
	return true;
}

/* A number up to 255. */
static bool
item_octet(struct parser *p, uint32_t *n)
{
	struct place at = p->lex.tok.at;

	if (!item_number(p, n))
		return false;
	if (*n <= UINT8_MAX)
		return true;
	diag_report(p->sink, &at, "octet value exceeds 0xff");
	return false;
}

/* [mask OCTET] [!] equals OCTET; more than 8 flags are not looked at. */
static bool
parse_tcp_flags(struct parser *p, struct rule *rule)
{
	struct clause *c = &rule->clause[CLAUSE_TCP_FLAGS];
	uint32_t mask = UINT8_MAX, value;

	if (at_word(p, "mask")) {
		lex_next(&p->lex);
		if (!item_octet(p, &mask))
			return false;
	}
	item_negation(p, c);
	if (!item_word(p, "equals") || !item_octet(p, &value))
		return false;
	c->expr = (struct expr) { .kind = EXPR_MASKED, .col = COL_tcp_flags,
		.masked = { mask, value } };
	return true;
}

/* sun or sunday, in any case; 0 is Sunday. */
static bool
item_day(struct parser *p, unsigned *day)
{
	static const char *const names[DAYS_IN_WEEK] = { "sunday", "monday",
		"tuesday", "wednesday", "thursday", "friday", "saturday" };
	const struct token *tok = &p->lex.tok;

	for (unsigned i = 0; tok->kind == TOKEN_WORD && i < DAYS_IN_WEEK; i++)
		if (strcasecmp(tok->text, names[i]) == 0 ||
		    (tok->len == 3 &&
			strncasecmp(tok->text, names[i], 3) == 0)) {
			*day = i;
			lex_next(&p->lex);
			return true;
		}
	return parser_expected(p, "a day of the week");
}

/* DAY, DAY-DAY, which may go over the weekend, or DAY,DAY,... */
static bool
parse_days(struct parser *p, struct rule *rule)
{
	struct expr *e = &rule->clause[CLAUSE_DAYS].expr;
	unsigned day = 0, last = 0;

	*e = (struct expr) { .kind = EXPR_WEEKDAY, .col = COL_recv_time };
	if (!item_day(p, &day))
		return false;
	e->days = (uint8_t)(1U << day);
	if (at_char(p, '-')) {
		lex_next(&p->lex);
		if (!item_day(p, &last))
			return false;
		for (; day != last; day = (day + 1) % DAYS_IN_WEEK)
			e->days |= (uint8_t)(1U << day);
		e->days |= (uint8_t)(1U << last);
		return true;
	}
	while (at_char(p, ',')) {
		lex_next(&p->lex);
		if (!item_day(p, &day))
			return false;
		e->days |= (uint8_t)(1U << day);
	}
	return true;
}

/* HH:MM[:SS] as the second of the day; what follows it does not matter. */
static bool
item_daytime(struct parser *p, uint64_t *sec)
{
	unsigned h, m, s = 0;
	const struct token *tok = &p->lex.tok;

	if (tok->kind != TOKEN_WORD && tok->kind != TOKEN_STRING)
		return parser_expected(p, "a time of the day");
	if (sscanf(tok->text, "%2u:%2u:%2u", &h, &m, &s) < 2 || h > 23 ||
	    m > 59 || s > 59)
		return parser_fail(p, "invalid time \"%.32s\"", tok->text);
	*sec = h * 3600 + m * 60 + s;
	lex_next(&p->lex);
	return true;
}

/* The number that the next n digits say, or fallback where none are left. */
static int
digits(const char **text, unsigned n, int fallback)
{
	int v = 0;

	if (**text == '\0')
		return fallback;
	for (; n > 0; n--)
		v = v * 10 + (*(*text)++ - '0');
	return v;
}

/* YYYY[MM[DD[HH[MM[SS]]]]] in local time: the begin of what it names. */
static bool
item_date(struct parser *p, int64_t *sec)
{
	const struct token *tok = &p->lex.tok;
	const char *at = tok->text;
	size_t len = strspn(at, "0123456789");
	struct tm tm;
	time_t t;

	if (tok->kind != TOKEN_WORD && tok->kind != TOKEN_STRING)
		return parser_expected(p, "a date");
	if (len != tok->len || len < 4 || len > 14 || len % 2 != 0)
		return parser_fail(p, "invalid date \"%.32s\"", tok->text);
	memset(&tm, 0, sizeof(tm));
	tm.tm_year = digits(&at, 4, 0) - 1900;
	tm.tm_mon = digits(&at, 2, 1) - 1;
	tm.tm_mday = digits(&at, 2, 1);
	tm.tm_hour = digits(&at, 2, 0);
	tm.tm_min = digits(&at, 2, 0);
	tm.tm_sec = digits(&at, 2, 0);
	tm.tm_isdst = -1;
	if (tm.tm_mon > 11 || tm.tm_mon < 0 || tm.tm_mday < 1 ||
	    tm.tm_mday > 31 || tm.tm_hour > 23 || tm.tm_min > 59 ||
	    tm.tm_sec > 59 || tm.tm_year < 70)
		return parser_fail(p, "invalid date \"%.32s\"", tok->text);
	t = mktime(&tm);
	if (t == (time_t)-1)
		return parser_fail(p, "invalid date \"%.32s\"", tok->text);
	*sec = (int64_t)t;
	lex_next(&p->lex);
	return true;
}

/* What "after" and "before" set the ends of; open ends first. */
static struct clause *
time_clause(struct rule *rule)
{
	struct clause *c = &rule->clause[CLAUSE_TIME];

	if (!c->present)
		c->expr = (struct expr) { .kind = EXPR_DAYTIME,
			.col = COL_recv_time, .range = { 0, DAY_LAST_SEC } };
	c->present = true;
	return c;
}

static struct clause *
date_clause(struct rule *rule)
{
	struct clause *c = &rule->clause[CLAUSE_DATE];

	if (!c->present)
		c->expr = (struct expr) { .kind = EXPR_TIME,
			.col = COL_recv_time,
			.time = { INT64_MIN, INT64_MAX } };
	c->present = true;
	return c;
}

/* Note that an end is there; false when it was before. */
static bool
note_end(struct parser *p, bool *end, const char *word)
{
	if (*end)
		return parser_fail(p, "\"%s\" stands twice", word);
	*end = true;
	return true;
}

static bool
parse_after(struct parser *p, struct rule *rule)
{
	struct clause *c;

	if (!at_word(p, "date")) {
		c = time_clause(rule);
		return note_end(p, &c->after, "after") &&
		    item_daytime(p, &c->expr.range.lo);
	}
	lex_next(&p->lex);
	c = date_clause(rule);
	return note_end(p, &c->after, "after date") &&
	    item_date(p, &c->expr.time.after);
}

static bool
parse_before(struct parser *p, struct rule *rule)
{
	struct clause *c;

	if (!at_word(p, "date")) {
		c = time_clause(rule);
		return note_end(p, &c->before, "before") &&
		    item_daytime(p, &c->expr.range.hi);
	}
	lex_next(&p->lex);
	c = date_clause(rule);
	return note_end(p, &c->before, "before date") &&
	    item_date(p, &c->expr.time.before);
}

/* A word that begins a clause. */
static const struct clause_word {
	const char *word;
	enum clause_kind kind;	/* CLAUSE_KINDS: it sees to that itself */
	bool (*parse)(struct parser *p, struct rule *rule);
} clause_words[] = {
	{ "agent", CLAUSE_AGENT, parse_agent },
	{ "in_ifndx", CLAUSE_IN_IFNDX, parse_in_ifndx },
	{ "out_ifndx", CLAUSE_OUT_IFNDX, parse_out_ifndx },
	{ "inet", CLAUSE_FAMILY, parse_inet },
	{ "inet6", CLAUSE_FAMILY, parse_inet6 },
	{ "src", CLAUSE_SRC, parse_src },
	{ "dst", CLAUSE_DST, parse_dst },
	{ "proto", CLAUSE_PROTO, parse_proto },
	{ "tos", CLAUSE_TOS, parse_tos },
	{ "tcp_flags", CLAUSE_TCP_FLAGS, parse_tcp_flags },
	{ "days", CLAUSE_DAYS, parse_days },
	{ "after", CLAUSE_KINDS, parse_after },
	{ "before", CLAUSE_KINDS, parse_before },
};

enum {
	NCLAUSES = sizeof(clause_words) / sizeof(clause_words[0])
};

static bool
fail_clause(struct parser *p)
{
	const char *words[NCLAUSES], *near = NULL;
	const struct token *tok = &p->lex.tok;

	for (size_t i = 0; i < NCLAUSES; i++)
		words[i] = clause_words[i].word;
	if (tok->kind == TOKEN_WORD)
		near = suggest_word(tok->text, words, NCLAUSES);
	if (near != NULL)
		return parser_fail(p,
		    "unknown clause \"%.64s\"; did you mean \"%s\"?",
		    tok->text, near);
	return parser_expected(p, "a clause of a rule or the end of the line");
}

/* One clause; each may stand once, in any order. */
static bool
parse_clause(struct parser *p, struct rule *rule)
{
	for (size_t i = 0; i < NCLAUSES; i++) {
		const struct clause_word *w = &clause_words[i];

		if (!at_word(p, w->word))
			continue;
		if (w->kind < CLAUSE_KINDS && rule->clause[w->kind].present)
			return parser_fail(p, "\"%s\" stands twice", w->word);
		if (w->kind < CLAUSE_KINDS)
			rule->clause[w->kind].present = true;
		lex_next(&p->lex);
		return w->parse(p, rule);
	}
	return fail_clause(p);
}

/* "!" in front of inet and inet6, which have no value to stand before. */
static bool
parse_negated_family(struct parser *p, struct rule *rule)
{
	lex_next(&p->lex);
	if (!at_word(p, "inet") && !at_word(p, "inet6"))
		return parser_expected(p, "\"inet\" or \"inet6\"");
	rule->clause[CLAUSE_FAMILY].negate = true;
	return parse_clause(p, rule);
}

static bool
at_rule_end(const struct parser *p)
{
	return p->lex.tok.kind == TOKEN_NEWLINE ||
	    p->lex.tok.kind == TOKEN_END;
}

static bool
parse_clauses(struct parser *p, struct rule *rule)
{
	if (at_word(p, "all")) {
		lex_next(&p->lex);
		return true;
	}
	while (!at_rule_end(p))
		if (at_char(p, '!') ? !parse_negated_family(p, rule)
				    : !parse_clause(p, rule))
			return false;
	return true;
}

static bool
fail_rule(struct parser *p, const struct place *at, const char *text)
{
	diag_report(p->sink, at, "%s", text);
	return false;
}

static const struct expr *
clause_test(const struct rule *rule, enum clause_kind kind)
{
	const struct clause *c = &rule->clause[kind];

	return c->present && !c->any ? &c->expr : NULL;
}

/* Only one of these, and not "not": a port belongs to a protocol. */
static bool
proto_is(const struct rule *rule, unsigned a, unsigned b)
{
	const struct expr *e = clause_test(rule, CLAUSE_PROTO);

	return e != NULL && (e->range.lo == a || e->range.lo == b);
}

static bool
families_agree(const struct expr *a, const struct expr *b)
{
	return a == NULL || b == NULL ||
	    a->prefix.addr.family == b->prefix.addr.family;
}

static bool
family_fits(const struct expr *family, const struct expr *prefix)
{
	return family == NULL || prefix == NULL ||
	    family->family == prefix->prefix.addr.family;
}

/* What cannot be meant, though it can be written. */
static bool
check_rule(struct parser *p, const struct rule *rule, const struct place *at)
{
	const struct expr *src = clause_test(rule, CLAUSE_SRC);
	const struct expr *dst = clause_test(rule, CLAUSE_DST);
	const struct expr *family = clause_test(rule, CLAUSE_FAMILY);
	const struct clause *time = &rule->clause[CLAUSE_TIME];
	const struct clause *date = &rule->clause[CLAUSE_DATE];

	if (rule->discard && rule->has_tag)
		return fail_rule(p, at, "tag not allowed in discard");
	if ((rule->clause[CLAUSE_SRC_PORT].present ||
		rule->clause[CLAUSE_DST_PORT].present) &&
	    !proto_is(rule, PROTOCOL_TCP, PROTOCOL_UDP))
		return fail_rule(p, at, "port matching is only allowed for "
		    "tcp or udp protocols: add \"proto tcp\"");
	if (rule->clause[CLAUSE_TCP_FLAGS].present &&
	    !proto_is(rule, PROTOCOL_TCP, PROTOCOL_TCP))
		return fail_rule(p, at, "tcp_flags matching is only allowed "
		    "for the tcp protocol: add \"proto tcp\"");
	if (!families_agree(src, dst))
		return fail_rule(p, at,
		    "src and dst address families do not match");
	if (!family_fits(family, src) || !family_fits(family, dst))
		return fail_rule(p, at, "inet or inet6 does not agree with "
		    "the family of src or dst");
	if (time->after && time->before &&
	    time->expr.range.lo >= time->expr.range.hi)
		return fail_rule(p, at,
		    "day start time is after day finish time");
	if (date->after && date->before &&
	    date->expr.time.after >= date->expr.time.before)
		return fail_rule(p, at,
		    "date start time is after date finish time");
	return true;
}

/* The test of a clause as an expression of its own. */
static struct expr *
clause_expr(struct parser *p, const struct clause *c)
{
	struct expr *e = arena_alloc(&p->ast->arena, sizeof(*e));
	struct expr *not;

	if (e == NULL)
		return NULL;
	*e = c->expr;
	if (!c->negate)
		return e;
	not = arena_alloc(&p->ast->arena, sizeof(*not));
	if (not != NULL)
		*not = (struct expr) { .kind = EXPR_NOT, .left = e };
	return not;
}

/* All tests of a rule, joined by and. */
static struct expr *
join_clauses(struct parser *p, const struct rule *rule)
{
	struct expr *all = NULL;

	for (int kind = 0; kind < CLAUSE_KINDS; kind++) {
		const struct clause *c = &rule->clause[kind];
		struct expr *e, *both;

		if (!c->present || c->any)
			continue;
		e = clause_expr(p, c);
		if (e == NULL || all == NULL) {
			all = e;
			if (e == NULL)
				return NULL;
			continue;
		}
		both = arena_alloc(&p->ast->arena, sizeof(*both));
		if (both == NULL)
			return NULL;
		*both = (struct expr) { .kind = EXPR_AND,
			.left = all, .right = e };
		all = both;
	}
	/* Zeroed memory is EXPR_TRUE. */
	return all != NULL ? all
			   : arena_alloc(&p->ast->arena, sizeof(*all));
}

/* tag N and quick, in this order. */
static bool
parse_modifiers(struct parser *p, struct rule *rule)
{
	if (at_word(p, "tag")) {
		lex_next(&p->lex);
		rule->has_tag = true;
		if (!item_number(p, &rule->tag))
			return false;
	}
	if (at_word(p, "quick")) {
		lex_next(&p->lex);
		rule->quick = true;
	}
	return true;
}

struct rule *
rule_parse(struct parser *p, bool discard, const struct place *at)
{
	struct rule *rule = arena_alloc(&p->ast->arena, sizeof(*rule));

	if (rule == NULL) {
		p->nomem = true;
		return NULL;
	}
	rule->discard = discard;
	if (!parse_modifiers(p, rule) || !parse_clauses(p, rule) ||
	    !check_rule(p, rule, at))
		return NULL;
	rule->expr = join_clauses(p, rule);
	p->nomem |= rule->expr == NULL;
	return rule->expr != NULL ? rule : NULL;
}
