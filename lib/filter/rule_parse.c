/*
 * Filter rules; see rule.h and, for the grammar, flowd.conf(5). Test:
 * test/unit/config/test_parse.c, test/program/reader/test_filter_golden.py.
 */
#include "parser.h"
#include "rule.h"

enum {
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17
};

/* The terms of a classic rule by their place in it. */
struct classic_terms {
	const struct term *at[ORDER_NONE];
};

static void
classic_collect(const struct cond *cond, struct classic_terms *terms)
{
	if (cond->kind == COND_AND) {
		classic_collect(cond->left, terms);
		classic_collect(cond->right, terms);
	} else if (cond->kind == COND_TERM) {
		unsigned order = (unsigned)cond->term->field->order;

		if (cond->term->side == SIDE_DST)
			order += ORDER_DST - ORDER_SRC;
		if (!cond->term->any)
			terms->at[order] = cond->term;
	}
}

/* Only one of these, and also not one: a port belongs to a protocol. */
static bool
proto_is(const struct term *proto, unsigned a, unsigned b)
{
	return proto != NULL &&
	    (proto->values->lo == a || proto->values->lo == b);
}

static bool
fail_rule(struct parser *p, const struct place *at, const char *text)
{
	diag_report(p->sink, at, "%s", text);
	return false;
}

/* What a rule of classic clauses cannot mean, though it can be written. */
static bool
check_classic(struct parser *p, const struct cond *cond,
    const struct place *at)
{
	struct classic_terms terms = { { NULL } };
	const struct term *const *t = terms.at;

	classic_collect(cond, &terms);
	if ((t[ORDER_SRC_PORT] != NULL || t[ORDER_DST_PORT] != NULL) &&
	    !proto_is(t[ORDER_PROTO], PROTOCOL_TCP, PROTOCOL_UDP))
		return fail_rule(p, at, "port matching is only allowed for "
		    "tcp or udp protocols: add \"proto tcp\"");
	if (t[ORDER_TCP_FLAGS] != NULL &&
	    !proto_is(t[ORDER_PROTO], PROTOCOL_TCP, PROTOCOL_TCP))
		return fail_rule(p, at, "tcp_flags matching is only allowed "
		    "for the tcp protocol: add \"proto tcp\"");
	return true;
}

/* Families that positive tests of a conjunction leave, as bits. */
enum { FAMILY_V4 = 1, FAMILY_V6 = 2, FAMILY_BOTH = 3 };

struct families {
	unsigned src, dst;
	bool v4, v6; /* "inet", "inet6" stand there */
};

static unsigned
family_bits(const struct term *term)
{
	unsigned bits = 0;

	for (const struct filter_value *v = term->values; v != NULL;
	     v = v->next) {
		if (v->except)
			continue;
		if (v->kind == VALUE_TABLE)
			return FAMILY_BOTH;
		bits |= v->prefix.addr.family == ADDR_V4 ? FAMILY_V4
							 : FAMILY_V6;
	}
	return bits != 0 ? bits : FAMILY_BOTH;
}

/* A negated prefix is of its family, too, as it always was. */
static void
families_narrow(const struct cond *cond, struct families *f)
{
	const struct term *term = cond->kind == COND_TERM ? cond->term : NULL;

	if (cond->kind == COND_AND) {
		families_narrow(cond->left, f);
		families_narrow(cond->right, f);
		return;
	}
	if (term == NULL || term->any)
		return;
	if (term->field == &filter_field_address && !term->list) {
		if (term->side == SIDE_SRC)
			f->src &= family_bits(term);
		else if (term->side == SIDE_DST)
			f->dst &= family_bits(term);
	} else if (term->field == &filter_field_address && !term->negate) {
		if (term->side == SIDE_SRC)
			f->src &= family_bits(term);
		else if (term->side == SIDE_DST)
			f->dst &= family_bits(term);
	} else if (term->field->kind == FIELD_FAMILY) {
		f->v4 |= term->values->lo == ADDR_V4;
		f->v6 |= term->values->lo == ADDR_V6;
	}
}

static bool
check_families(struct parser *p, const struct cond *cond,
    const struct place *at)
{
	struct families f = { FAMILY_BOTH, FAMILY_BOTH, false, false };

	families_narrow(cond, &f);
	if ((f.src & f.dst) == 0)
		return fail_rule(p, at,
		    "src and dst address families do not match");
	if ((f.v4 && !(f.src & f.dst & FAMILY_V4)) ||
	    (f.v6 && !(f.src & f.dst & FAMILY_V6)))
		return fail_rule(p, at, "inet or inet6 does not agree with "
		    "the family of src or dst");
	return true;
}

static bool
check_clock(struct parser *p, const struct term *term)
{
	const struct filter_value *v = term->values;

	if (!term->after || !term->before)
		return true;
	if (term->field->kind == FIELD_CLOCK && v->lo == v->hi)
		return fail_rule(p, &term->at,
		    "day start time is day finish time");
	if (term->field->kind == FIELD_DATE && v->lo >= v->hi)
		return fail_rule(p, &term->at,
		    "date start time is after date finish time");
	return true;
}

/* Reports what is contradictory in any part of the condition. */
static bool
check_parts(struct parser *p, const struct cond *cond)
{
	switch (cond->kind) {
	case COND_ALL:
		return true;
	case COND_TERM:
		return check_clock(p, cond->term);
	case COND_NOT:
		return check_parts(p, cond->left);
	default:
		return check_parts(p, cond->left) &&
		    check_parts(p, cond->right);
	}
}

static bool
check_cond(struct parser *p, const struct cond *cond, const struct place *at)
{
	return check_families(p, cond, at) && check_parts(p, cond);
}

static bool
check_rule(struct parser *p, const struct rule *rule, const struct place *at)
{
	if (rule->discard && rule->has_tag)
		return fail_rule(p, at, "tag not allowed in discard");
	if (rule->discard && rule->log_names != NULL)
		return fail_rule(p, at, "log not allowed in discard");
	if (cond_is_classic(rule->cond) &&
	    !check_classic(p, rule->cond, at))
		return false;
	return check_cond(p, rule->cond, at);
}

static bool
parse_tag(struct parser *p, struct rule *rule)
{
	parser_next(p);
	rule->has_tag = true;
	if (!item_number(p, &rule->tag))
		return false;
	return !at_char(p, ',') || parser_fail(p, "a flow has one tag");
}

static bool
parse_log(struct parser *p, struct rule *rule)
{
	if (rule->log_names != NULL)
		return parser_fail(p, "\"log\" is given twice; "
		    "{ \"a\", \"b\" } names several");
	parser_next(p);
	return item_log_names(p, &rule->log_names);
}

/* Parses "tag N" and "log NAME", and then "quick". */
static bool
parse_modifiers(struct parser *p, struct rule *rule)
{
	while (at_word(p, "log") || (at_word(p, "tag") && !rule->has_tag))
		if (!(at_word(p, "log") ? parse_log(p, rule)
					: parse_tag(p, rule)))
			return false;
	if (at_word(p, "quick")) {
		parser_next(p);
		rule->quick = true;
	}
	if (at_word(p, "tag") && rule->quick)
		return parser_fail(p, "\"tag\" comes before \"quick\"; "
		    "write a test of the tag in parentheses");
	if (at_word(p, "log") && rule->quick)
		return parser_fail(
		    p, "\"log\" comes before \"quick\"");
	return true;
}

static bool
at_rule_end(const struct parser *p)
{
	return p->lex.tok.kind == TOKEN_NEWLINE ||
	    p->lex.tok.kind == TOKEN_END;
}

/* Parses "all", nothing (which means all), or a condition. */
static bool
parse_condition(struct parser *p, struct rule *rule)
{
	p->depth = p->nterms = 0;
	if (!at_word(p, "all") && !at_rule_end(p)) {
		rule->cond = cond_parse(p);
		return rule->cond != NULL;
	}
	if (at_word(p, "all"))
		parser_next(p);
	/* Zeroed memory is COND_ALL. */
	rule->cond = parser_alloc(p, sizeof(*rule->cond));
	return rule->cond != NULL;
}

struct rule *
rule_parse(struct parser *p, bool discard, const struct place *at)
{
	struct rule *rule = parser_alloc(p, sizeof(*rule));

	if (rule == NULL)
		return NULL;
	rule->discard = discard;
	if (!parse_modifiers(p, rule) || !parse_condition(p, rule) ||
	    !check_rule(p, rule, at))
		return NULL;
	return rule;
}

/* One rule that discards the flows for which the expression does not hold. */
struct rule *
rule_of_expression(struct parser *p)
{
	struct rule *rule = parser_alloc(p, sizeof(*rule));
	struct place at = p->lex.tok.at;
	struct cond *not = parser_alloc(p, sizeof(*not));

	if (rule == NULL || not == NULL)
		return NULL;
	if (!parse_condition(p, rule) || !check_cond(p, rule->cond, &at))
		return NULL;
	not->kind = COND_NOT;
	not->left = rule->cond;
	rule->cond = not;
	rule->discard = rule->quick = true;
	return rule;
}
