/*
 * The values of terms: a row of a table for each kind of field; see parser.h,
 * and flowd.conf(5) for the grammar. Test: test/unit/config/test_parse.c,
 * test/program/reader/test_rules.py.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "columns.h"
#include "hint.h"
#include "suggest.h"
#include "value_type.h"

enum {
	DAYS_IN_WEEK = 7,
	PARTS_MAX = 8, /* words that hyphens join: a date, a name */
	TEXT_OCTETS_MAX = 128
};

/* Words joined by hyphens without blanks: a name, a date, or a range. */
struct word_row {
	struct place at;
	char text[TEXT_OCTETS_MAX];
	size_t hyphen[PARTS_MAX]; /* offsets of the hyphens */
	unsigned nhyphens;
};

static bool
at_value(const struct parser *p)
{
	return p->lex.tok.kind == TOKEN_STRING ||
	    p->lex.tok.kind == TOKEN_WORD;
}

static bool
take_part(struct parser *p, struct word_row *g, size_t *len)
{
	const struct token *tok = &p->lex.tok;

	if (*len + tok->len >= sizeof(g->text))
		return parser_fail(p, "the value is too long");
	memcpy(g->text + *len, tok->text, tok->len);
	*len += tok->len;
	g->text[*len] = '\0';
	g->at.width = g->at.line == tok->at.line &&
		tok->at.column >= g->at.column
	    ? tok->at.column - g->at.column + tok->at.width
	    : g->at.width;
	parser_next(p);
	return true;
}

/* The sign before a time: -1h, +1h, @1795428000. */
static bool
take_sign(struct parser *p, const struct value_type *kind, struct word_row *g,
    size_t *len)
{
	if (!kind->is_signed ||
	    !(at_char(p, '-') || at_char(p, '+') || at_char(p, '@')))
		return true;
	if (!take_part(p, g, len))
		return false;
	return p->lex.tok.glued || parser_expected(p, kind->what);
}

static bool
take_group(struct parser *p, const struct value_type *kind, struct word_row *g)
{
	const struct token *tok = &p->lex.tok;
	const char *what = kind->what;
	size_t len = 0;

	*g = (struct word_row){ .at = tok->at };
	if (!take_sign(p, kind, g, &len))
		return false;
	if (!at_value(p))
		return parser_expected(p, what);
	if (tok->kind == TOKEN_STRING)
		return take_part(p, g, &len);
	if (!take_part(p, g, &len))
		return false;
	while (at_char(p, '-') && tok->glued) {
		if (g->nhyphens == PARTS_MAX)
			return parser_fail(p, "expected %s", what);
		g->hyphen[g->nhyphens++] = len;
		if (!take_part(p, g, &len))
			return false;
		if (!at_value(p))
			return parser_expected(p, what);
		if (!take_part(p, g, &len))
			return false;
	}
	return true;
}

static bool
fail_value(struct parser *p, const struct place *at,
    const struct value_type *kind, int bad, const char *text,
    const struct flowd_error *why)
{
	const char *near = NULL;

	if (bad == FLOWD_ENOMEM)
		return false;
	if (why->text[0] != '\0') {
		diag_report(p->sink, at, "%s", why->text);
		return false;
	}
	if (bad == FLOWD_ERANGE) {
		diag_report(p->sink, at, "\"%.64s\" is out of range", text);
		return false;
	}
	if (kind->suggest != NULL)
		near = kind->suggest(text);
	if (near != NULL)
		diag_report(p->sink, at,
		    "\"%.64s\" is not %s; did you mean \"%s\"?", text,
		    kind->what, near);
	else
		diag_report(p->sink, at, "\"%.64s\" is not %s", text,
		    kind->what);
	return false;
}

static bool
check_bounds(struct parser *p, const struct place *at,
    const struct filter_field *f, const struct filter_value *v)
{
	if (v->kind == VALUE_ICMP || f->max == 0 ||
	    (v->lo >= f->min && v->hi <= f->max))
		return true;
	diag_report(p->sink, at, "%llu is not from %llu to %llu",
	    (unsigned long long)(v->lo < f->min ? v->lo : v->hi),
	    (unsigned long long)f->min, (unsigned long long)f->max);
	return false;
}

/* The end of a value: of a time that occurs twice, the second. */
static uint64_t
value_end(const struct filter_value *v)
{
	return v->next != NULL ? v->next->hi : v->hi;
}

/* Reads both halves of a group, split at a hyphen. */
static bool
range_split(struct value_context *c, const struct value_type *kind,
    struct word_row *g, size_t hyphen, struct filter_value *v)
{
	struct filter_value left = { .kind = VALUE_EQUAL };
	struct filter_value right = { .kind = VALUE_EQUAL };
	int bad;

	g->text[hyphen] = '\0';
	bad = kind->read(c, g->text, &left) != 0 ||
	    kind->read(c, g->text + hyphen + 1, &right) != 0 ||
	    left.kind != VALUE_EQUAL || right.kind != VALUE_EQUAL;
	g->text[hyphen] = '-';
	if (bad)
		return false;
	*v = (struct filter_value){ .kind = VALUE_RANGE };
	v->lo = left.lo;
	v->hi = value_end(&right);
	return true;
}

/* A value or, in one word, a range. */
static bool
read_group(struct value_context *c, const struct value_type *kind,
    struct word_row *g, struct filter_value *v)
{
	int bad = kind->read(c, g->text, v);
	struct flowd_error why = c->why;

	if (bad == 0)
		return true;
	for (unsigned i = 0; i < g->nhyphens; i++)
		if (range_split(c, kind, g, g->hyphen[i], v))
			return true;
	return fail_value(c->parser, &g->at, kind, bad, g->text, &why);
}

static bool
is_signed(const struct filter_field *f)
{
	return value_types[f->kind].is_signed;
}

/*
 * A range of times that clocks skip is empty. It prints as two nanoseconds, the
 * second before the first.
 */
static bool
is_empty(const struct value_context *c, const struct filter_field *f,
    const struct filter_value *v)
{
	return is_signed(f) && v->hi + 1 == v->lo &&
	    (c->skipped || !c->inexact);
}

static bool
check_order(const struct value_context *c, const struct place *at,
    const struct filter_field *f, const struct filter_value *v)
{
	if (v->kind != VALUE_RANGE || is_empty(c, f, v) ||
	    (is_signed(f) ? (int64_t)v->lo <= (int64_t)v->hi
			  : v->lo <= v->hi))
		return true;
	diag_report(c->parser->sink, at, "the range begins behind its end");
	return false;
}

/* Parses the end of a range that starts with v. */
static bool
parse_range_end(struct value_context *c, const struct filter_field *f,
    struct filter_value *v)
{
	const struct value_type *kind = &value_types[f->kind];
	const struct datetime start = c->time;
	struct filter_value end = { .kind = VALUE_EQUAL };
	struct parser *p = c->parser;
	struct word_row g;

	c->start = f->kind == FIELD_TIME ? &start : NULL;
	if (!take_group(p, kind, &g) || !read_group(c, kind, &g, &end) ||
	    !check_bounds(p, &g.at, f, &end))
		return false;
	if (end.kind != VALUE_EQUAL)
		return fail_value(
		    p, &g.at, kind, FLOWD_EINVAL, g.text, &c->why);
	v->kind = VALUE_RANGE;
	v->next = NULL;
	v->hi = value_end(&end);
	return check_order(c, &g.at, f, v);
}

/* VALUE, VALUE-VALUE, or with blanks around the hyphen. */
static bool
parse_range(struct parser *p, const struct filter_field *f, enum value_kind op,
    struct filter_value *v)
{
	const struct value_type *kind = &value_types[f->kind];
	struct value_context c = { .parser = p, .op = op };
	struct word_row g;

	if (!take_group(p, kind, &g) || !read_group(&c, kind, &g, v) ||
	    !check_bounds(p, &g.at, f, v))
		return false;
	if (v->kind != VALUE_EQUAL || !at_char(p, '-'))
		return check_order(&c, &g.at, f, v);
	parser_next(p);
	return parse_range_end(&c, f, v);
}

/* = != < <= > >=, or nothing at all. */
static enum value_kind
parse_operator(struct parser *p)
{
	static const struct {
		char first;
		enum value_kind kind, or_equal;
	} operators[] = {
		{ '=', VALUE_EQUAL, VALUE_EQUAL },
		{ '<', VALUE_BELOW, VALUE_AT_MOST },
		{ '>', VALUE_ABOVE, VALUE_AT_LEAST },
	};

	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++) {
		if (!at_char(p, operators[i].first))
			continue;
		parser_next(p);
		if (!at_char(p, '=') || !p->lex.tok.glued)
			return operators[i].kind;
		parser_next(p);
		return operators[i].or_equal;
	}
	return VALUE_RANGE;
}

static bool
parse_number(
    struct parser *p, const struct filter_field *f, struct filter_value *v)
{
	enum value_kind op = parse_operator(p);
	struct place at = p->lex.tok.at;

	v->kind = VALUE_EQUAL;
	if (op == VALUE_RANGE)
		return parse_range(p, f, op, v);
	if (!parse_range(p, f, op, v))
		return false;
	if (v->kind == VALUE_EQUAL || (op == VALUE_EQUAL &&
					  v->kind == VALUE_RANGE)) {
		v->kind = v->kind == VALUE_EQUAL ? op : VALUE_RANGE;
		return true;
	}
	if (v->kind == VALUE_ICMP && op == VALUE_EQUAL)
		return true;
	diag_report(p->sink, &at, "one number is expected behind < and >");
	return false;
}

/* { VALUE, VALUE-VALUE, > VALUE, ... }, over lines. */
static bool
parse_number_list(struct parser *p, struct term *term)
{
	struct place opened = p->lex.tok.at;
	struct filter_value **v = &term->values;

	term->list = true;
	if (!item_open(p, '{'))
		return false;
	while (!at_char(p, '}')) {
		if (p->lex.tok.kind == TOKEN_END)
			return item_close(p, '}', &opened);
		*v = parser_alloc(p, sizeof(**v));
		if (*v == NULL || !parse_number(p, term->field, *v))
			return false;
		while (*v != NULL)
			v = &(*v)->next;
		if (at_char(p, ','))
			parser_next(p);
	}
	if (term->values == NULL)
		return parser_fail(p, "the list is empty");
	return item_close(p, '}', &opened);
}

/* "!" or "!=" in front of the value. */
static void
parse_negation(struct parser *p, struct term *term)
{
	if (!at_char(p, '!'))
		return;
	term->negate = true;
	parser_next(p);
	if (at_char(p, '=') && p->lex.tok.glued)
		parser_next(p);
}

static struct filter_value *
new_value(struct parser *p, struct term *term)
{
	struct filter_value *v = parser_alloc(p, sizeof(*v));

	term->values = v;
	return v;
}

static bool
parse_numbers(struct parser *p, struct term *term)
{
	struct filter_value *v;

	parse_negation(p, term);
	if (at_char(p, '{'))
		return parse_number_list(p, term);
	if (hint_report(p, HINT_VALUE, ""))
		return false;
	v = new_value(p, term);
	if (v == NULL || !parse_number(p, term->field, v))
		return false;
	term->list = v->next != NULL;
	return true;
}

bool
item_time(struct parser *p, struct datetime *d)
{
	const struct value_type *kind = &value_types[FIELD_TIME];
	const struct datetime_view view = { .now_ns = p->filter->now_ns,
		.utc = p->filter->utc, .classic = true };
	struct flowd_error why;
	struct word_row g;

	if (!take_group(p, kind, &g))
		return false;
	if (datetime_parse(g.text, &view, d, &why) == 0)
		return true;
	diag_report(p->sink, &g.at, "%s", why.text);
	return false;
}

/* any, PREFIX, <TABLE> or a list of these. */
static bool
parse_addresses(struct parser *p, struct term *term)
{
	struct filter_value *v;

	parse_negation(p, term);
	if (at_char(p, '=') && !term->negate) {
		parser_next(p);
		if (at_char(p, '=') && p->lex.tok.glued)
			parser_next(p);
	}
	if (at_word(p, "any") && term->field == &filter_field_address) {
		parser_next(p);
		term->any = true;
		term->negate = false;
		return true;
	}
	if (at_char(p, '{')) {
		term->list = true;
		if (!item_addresses(p, &term->values))
			return false;
		return term->values != NULL ||
		    parser_fail(p, "the list is empty");
	}
	if (hint_report(p, HINT_VALUE, ""))
		return false;
	v = new_value(p, term);
	if (v == NULL)
		return false;
	return item_address(p, v);
}

static bool
parse_family(struct parser *p, struct term *term)
{
	struct filter_value *v = new_value(p, term);

	if (v == NULL)
		return false;
	v->lo = v->hi = term->field->min;
	return true;
}

/* Reads a number up to 255. */
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

const char term_flag_letters[] = "FSRPAUEW";

/*
 * Letters belong to "flags", where the flags that are set are in the mask, too.
 */
static bool
fail_letters(struct parser *p)
{
	const char *text = p->lex.tok.text;

	return parser_fail(p, "\"%.64s\" is not a number; write \"flags "
	    "%.64s/%.64s\"", text, text, text);
}

static bool
at_letters(const struct parser *p)
{
	const struct token *tok = &p->lex.tok;

	return tok->kind == TOKEN_WORD && tok->len > 0 &&
	    strspn(tok->text, term_flag_letters) == tok->len;
}

/* [mask OCTET] [!] equals OCTET, or numbers; see "flags" for letters. */
static bool
parse_tcp_flags(struct parser *p, struct term *term)
{
	uint32_t mask = UINT8_MAX, value;
	bool masked = at_word(p, "mask");
	struct filter_value *v;

	if (masked) {
		parser_next(p);
		if (!item_octet(p, &mask))
			return false;
	}
	if (at_char(p, '!')) {
		term->negate = true;
		parser_next(p);
	}
	if (!masked && at_letters(p))
		return fail_letters(p);
	if (!masked && !at_word(p, "equals")) {
		if (!at_value(p) && !at_char(p, '{') && !at_char(p, '=') &&
		    !at_char(p, '<') && !at_char(p, '>'))
			return parser_expected(p, "\"mask\" or \"equals\"");
		term->bare = true;
		return parse_numbers(p, term);
	}
	v = new_value(p, term);
	if (v == NULL || !item_word(p, "equals") || !item_octet(p, &value))
		return false;
	v->lo = mask;
	v->hi = value;
	return true;
}

static bool
read_letters(struct parser *p, uint64_t *flags)
{
	const struct token *tok = &p->lex.tok;

	if (tok->kind != TOKEN_WORD)
		return parser_expected(p, "flags by their letters, FSRPAUEW");
	for (size_t i = 0; i < tok->len; i++) {
		const char *at = strchr(term_flag_letters, tok->text[i]);

		if (at == NULL)
			return parser_fail(p,
			    "'%c' is not a flag; they are FSRPAUEW",
			    tok->text[i]);
		*flags |= UINT64_C(1) << (at - term_flag_letters);
	}
	parser_next(p);
	return true;
}

/* [!] SET/MASK: of the flags in MASK exactly those in SET are set. */
static bool
parse_flags(struct parser *p, struct term *term)
{
	struct filter_value *v = new_value(p, term);
	struct place at;

	if (v == NULL)
		return false;
	parse_negation(p, term);
	at = p->lex.tok.at;
	if (!at_char(p, '/') && !read_letters(p, &v->hi))
		return false;
	if (!at_char(p, '/'))
		return parser_expected(p, "/ and the flags to look at: S/S "
		    "for S among others, S/SA for S without A");
	parser_next(p);
	if (!read_letters(p, &v->lo))
		return false;
	if ((v->hi & ~v->lo) == 0)
		return true;
	diag_report(p->sink, &at, "flags that are not looked at: those in "
	    "front of the / must be behind it, too");
	return false;
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
			parser_next(p);
			return true;
		}
	return parser_expected(p, "a day of the week");
}

/* DAY or DAY-DAY, which may wrap around the week. */
static bool
parse_day_range(struct parser *p, uint64_t *days)
{
	unsigned day = 0, last;

	if (!item_day(p, &day))
		return false;
	last = day;
	if (at_char(p, '-')) {
		parser_next(p);
		if (!item_day(p, &last))
			return false;
	}
	for (; day != last; day = (day + 1) % DAYS_IN_WEEK)
		*days |= UINT64_C(1) << day;
	*days |= UINT64_C(1) << last;
	return true;
}

static bool
parse_days(struct parser *p, struct term *term)
{
	struct filter_value *v = new_value(p, term);

	if (v == NULL)
		return false;
	parse_negation(p, term);
	if (!parse_day_range(p, &v->lo))
		return false;
	while (at_char(p, ',')) {
		parser_next(p);
		if (!parse_day_range(p, &v->lo))
			return false;
	}
	return true;
}

/* The name of a column that must have a value. */
static bool
parse_has(struct parser *p, struct term *term)
{
	struct filter_value *v = new_value(p, term);
	const struct token *tok = &p->lex.tok;
	const char *near;
	int col;

	if (v == NULL)
		return false;
	if (!at_value(p))
		return parser_expected(p, "the name of a column");
	col = column_by_name(tok->text);
	if (col >= 0 && !(column_info[col].flags & COLUMN_RECORD)) {
		v->lo = v->hi = (uint64_t)col;
		parser_next(p);
		return true;
	}
	near = column_suggest(tok->text);
	if (near != NULL)
		return parser_fail(p, "no column \"%.64s\"; did you mean "
		    "\"%s\"?", tok->text, near);
	return parser_fail(p, "no column \"%.64s\"", tok->text);
}

bool
term_parse_values(struct parser *p, struct term *term)
{
	switch (term->field->kind) {
	case FIELD_ADDRESS:
		return parse_addresses(p, term);
	case FIELD_FAMILY:
		return parse_family(p, term);
	case FIELD_TCP_FLAGS:
		return parse_tcp_flags(p, term);
	case FIELD_FLAGS:
		return parse_flags(p, term);
	case FIELD_DAYS:
		return parse_days(p, term);
	case FIELD_HAS:
		return parse_has(p, term);
	default:
		return parse_numbers(p, term);
	}
}
