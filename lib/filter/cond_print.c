/*
 * Printing conditions; see term.h. test/unit/filter/test_ruleset.c checks that
 * the text parses to the same condition.
 */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "address_list.h"
#include "civil.h"
#include "columns.h"
#include "prefix_table.h"
#include "protocol.h"
#include "term.h"
#include "text.h"

static void
print_uint(uint64_t v, struct buf *out)
{
	buf_printf(out, "%" PRIu64, v);
}

static void
print_hex(uint64_t v, struct buf *out)
{
	buf_printf(out, "0x%" PRIx64, v);
}

static void
print_mac(uint64_t v, struct buf *out)
{
	char text[TEXT_MAX];

	buf_append(out, text, (size_t)(text_mac(text, v) - text));
}

/* Prints all digits, so that the text names exactly this nanosecond. */
static void
print_time(uint64_t v, struct buf *out)
{
	const int64_t second_ns = 1000000000;
	char text[TEXT_MAX], *end;
	struct clock clock;
	int64_t ns = (int64_t)v;

	clock_init(&clock, true);
	end = text_time(text, &clock, ns / second_ns);
	*end++ = '.';
	end = text_u64_pad(end, (uint64_t)(ns % second_ns), 9);
	*end++ = 'Z';
	buf_append(out, text, (size_t)(end - text));
}

/* Prints a whole number of the largest unit that fits. */
static void
print_span(uint64_t ns, struct buf *out)
{
	static const struct {
		uint64_t ns;
		const char *name;
	} units[] = {
		{ UINT64_C(86400000000000), "d" },
		{ UINT64_C(3600000000000), "h" },
		{ UINT64_C(60000000000), "m" },
		{ UINT64_C(1000000000), "s" },
		{ UINT64_C(1000000), "ms" },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (ns % units[i].ns == 0) {
			buf_printf(out, "%" PRIu64 "%s", ns / units[i].ns,
			    units[i].name);
			return;
		}
	buf_printf(out, "%" PRIu64 ".%09" PRIu64 "s", ns / 1000000000,
	    ns % 1000000000);
}

/* The parser takes protocol 0 by its name only. */
static void
print_protocol(uint64_t v, struct buf *out)
{
	if (v == 0)
		buf_append_text(out, protocol_name(0));
	else
		print_uint(v, out);
}

/* How a number of each kind is printed. */
static void (*const print_number[])(uint64_t v, struct buf *out) = {
	[FIELD_NUMBER] = print_uint,
	[FIELD_HEX] = print_hex,
	[FIELD_TCP_FLAGS] = print_hex,
	[FIELD_PORT] = print_uint,
	[FIELD_PROTOCOL] = print_protocol,
	[FIELD_ICMP_TYPE] = print_uint,
	[FIELD_ICMP_CODE] = print_uint,
	[FIELD_MAC] = print_mac,
	[FIELD_TIME] = print_time,
	[FIELD_SPAN] = print_span,
	[FIELD_MS] = print_uint,
};

static void
print_value(
    enum field_kind kind, const struct filter_value *v, struct buf *out)
{
	static const char *const operators[] = {
		[VALUE_NOT_EQUAL] = "!= ",
		[VALUE_BELOW] = "< ",
		[VALUE_AT_MOST] = "<= ",
		[VALUE_ABOVE] = "> ",
		[VALUE_AT_LEAST] = ">= ",
	};
	bool last = v->kind == VALUE_AT_MOST || v->kind == VALUE_ABOVE;

	switch (v->kind) {
	case VALUE_PREFIX:
	case VALUE_TABLE:
		filter_value_print_address(v, out);
		return;
	case VALUE_ICMP:
		buf_append_text(out, v->icmp->name);
		return;
	case VALUE_EQUAL:
	case VALUE_RANGE:
		print_number[kind](v->lo, out);
		if (v->kind == VALUE_EQUAL && v->lo == v->hi)
			return;
		buf_append_text(out, kind == FIELD_TIME ? " - " : "-");
		print_number[kind](v->hi, out);
		return;
	default:
		buf_append_text(out, operators[v->kind]);
		print_number[kind](last ? v->hi : v->lo, out);
	}
}

static void
print_values(const struct term *term, struct buf *out)
{
	const char *comma = "";

	if (term->list)
		buf_append_char(out, '{');
	for (const struct filter_value *v = term->values; v != NULL;
	     v = v->next) {
		buf_printf(out, "%s%s", comma, term->list ? " " : "");
		print_value(term->field->kind, v, out);
		comma = ",";
	}
	if (term->list)
		buf_append_text(out, " }");
}

static void
print_days(uint64_t days, struct buf *out)
{
	static const char *const names[] = { "sun", "mon", "tue", "wed", "thu",
		"fri", "sat" };
	const char *comma = "";

	for (unsigned i = 0; i < 7; i++) {
		if (!(days >> i & 1))
			continue;
		buf_printf(out, "%s%s", comma, names[i]);
		comma = ",";
	}
}

static void
print_clock(const char *word, uint64_t sec, struct buf *out)
{
	buf_printf(out, "%s %02u:%02u:%02u", word, (unsigned)(sec / 3600),
	    (unsigned)(sec / 60 % 60), (unsigned)(sec % 60));
}

/* Prints local time if it is unambiguous as this end, otherwise UTC. */
static void
print_moment(const char *word, uint64_t sec, struct buf *out)
{
	const struct zone local = { .local = true };
	struct instants i =
	    civil_instants(local, civil_at(local, (int64_t)sec));
	bool start = strcmp(word, "after") == 0;
	time_t t = (time_t)sec;
	struct tm tm;

	if ((start ? i.early_sec : i.late_sec) != (int64_t)sec) {
		buf_printf(out, "%s date @%" PRIu64, word, sec);
		return;
	}
	if (localtime_r(&t, &tm) == NULL)
		return;
	buf_printf(out, "%s date %04d%02d%02d%02d%02d%02d", word,
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
	    tm.tm_min, tm.tm_sec);
}

/* Times of day and dates: each end has its own word. */
static void
print_ends(const struct term *term,
    void (*print)(const char *word, uint64_t sec, struct buf *out),
    struct buf *out)
{
	if (term->after)
		print("after", term->values->lo, out);
	if (term->after && term->before)
		buf_append_char(out, ' ');
	if (term->before)
		print("before", term->values->hi, out);
}

static void
print_letters(uint64_t flags, struct buf *out)
{
	for (unsigned i = 0; term_flag_letters[i] != '\0'; i++)
		if (flags >> i & 1)
			buf_append_char(out, term_flag_letters[i]);
}

static void
print_tcp_flags(const struct term *term, const char *no, struct buf *out)
{
	const struct filter_value *v = term->values;

	buf_append_text(out, "tcp_flags");
	if (term->bare) {
		buf_append_text(out, no);
		print_values(term, out);
		return;
	}
	if (v->lo != 0xff)
		buf_printf(out, " mask 0x%02" PRIx64, v->lo);
	buf_printf(out, "%sequals 0x%02" PRIx64, no, v->hi);
}

static const char *
side_word(const struct term *term)
{
	static const char *const words[] = {
		[SIDE_SRC] = "src",
		[SIDE_DST] = "dst",
		[SIDE_EITHER] = "host",
	};

	return words[term->side];
}

/* Prints the words before the value. */
static void
print_field(const struct term *term, struct buf *out)
{
	const struct filter_field *f = term->field;

	if (f == &filter_field_address)
		buf_append_text(out, side_word(term));
	else if (f != &filter_field_port)
		buf_append_text(out, f->word);
	else if (term->behind || term->side == SIDE_EITHER)
		buf_append_text(out, "port");
	else
		buf_printf(out, "%s port", side_word(term));
}

void
term_print(const struct term *term, bool counted, struct buf *out)
{
	const char *no = term->negate ? " ! " : " ";
	enum field_kind kind = term->field->kind;

	switch (kind) {
	case FIELD_FAMILY:
		buf_printf(out, "%s%s", term->negate ? "! " : "",
		    term->field->word);
		return;
	case FIELD_CLOCK:
		print_ends(term, print_clock, out);
		return;
	case FIELD_DATE:
		print_ends(term, print_moment, out);
		return;
	case FIELD_TCP_FLAGS:
		print_tcp_flags(term, no, out);
		return;
	default:
		break;
	}
	print_field(term, out);
	buf_append_text(out, no);
	if (term->any) {
		buf_append_text(out, "any");
	} else if (kind == FIELD_DAYS) {
		print_days(term->values->lo, out);
	} else if (kind == FIELD_HAS) {
		buf_append_text(out, column_info[term->values->lo].name);
	} else if (kind == FIELD_FLAGS) {
		print_letters(term->values->hi, out);
		buf_append_char(out, '/');
		print_letters(term->values->lo, out);
	} else if (counted && kind == FIELD_PROTOCOL && !term->list &&
		   term->values->kind == VALUE_EQUAL) {
		print_uint(term->values->lo, out);
	} else {
		print_values(term, out);
	}
}

bool
term_is_classic(const struct term *term)
{
	const struct filter_value *v = term->values;

	if (term->field->order == ORDER_NONE || term->side == SIDE_EITHER ||
	    term->list ||
	    (term->field == &filter_field_port && !term->behind))
		return false;
	if (term->field->kind == FIELD_TCP_FLAGS)
		return !term->bare;
	return term->any || v->kind == VALUE_EQUAL || v->kind == VALUE_PREFIX;
}

/* Is it a conjunction of classic terms, each in its own place? */
static bool
is_classic(const struct cond *cond, const struct term *at[ORDER_NONE])
{
	const struct term *term;
	unsigned order;

	if (cond->kind == COND_AND)
		return is_classic(cond->left, at) &&
		    is_classic(cond->right, at);
	if (cond->kind != COND_TERM || !term_is_classic(cond->term))
		return false;
	term = cond->term;
	order = (unsigned)term->field->order;
	if (term->side == SIDE_DST)
		order += ORDER_DST - ORDER_SRC;
	if (at[order] != NULL)
		return false;
	at[order] = term;
	return true;
}

bool
cond_is_classic(const struct cond *cond)
{
	const struct term *at[ORDER_NONE] = { NULL };

	return cond->kind == COND_ALL || is_classic(cond, at);
}

static void
print_classic(const struct term *const at[ORDER_NONE], bool counted,
    struct buf *out)
{
	const char *blank = "";

	for (unsigned order = 0; order < ORDER_NONE; order++) {
		if (at[order] == NULL)
			continue;
		buf_append_text(out, blank);
		term_print(at[order], counted, out);
		blank = " ";
	}
}

/*
 * "or" binds weakest; a weaker operand of a stronger operator needs
 * parentheses.
 */
enum binding { BINDING_OR, BINDING_AND, BINDING_NOT };

static bool
is_behind(const struct cond *cond)
{
	return cond->kind == COND_TERM && cond->term->behind;
}

/* "after X before Y" is two clauses but one test. */
static bool
is_window(const struct cond *cond)
{
	return cond->kind == COND_TERM && cond->term->after &&
	    cond->term->before;
}

static void
print_cond(const struct cond *cond, enum binding around, bool counted,
    struct buf *out)
{
	bool open = (cond->kind == COND_OR && around > BINDING_OR) ||
	    (cond->kind == COND_AND && around > BINDING_AND) ||
	    (is_window(cond) && around > BINDING_AND);

	buf_append_text(out, open ? "(" : "");
	switch (cond->kind) {
	case COND_ALL:
		buf_append_text(out, "all");
		break;
	case COND_TERM:
		term_print(cond->term, counted, out);
		break;
	case COND_NOT:
		buf_append_text(out, "not ");
		print_cond(cond->left, BINDING_NOT, counted, out);
		break;
	case COND_AND:
		print_cond(cond->left, BINDING_AND, counted, out);
		buf_append_text(out, is_behind(cond->right) ? " " : " and ");
		print_cond(cond->right, BINDING_AND, counted, out);
		break;
	case COND_OR:
		print_cond(cond->left, BINDING_OR, counted, out);
		buf_append_text(out, " or ");
		print_cond(cond->right, BINDING_OR, counted, out);
		break;
	}
	buf_append_text(out, open ? ")" : "");
}

void
cond_print(const struct cond *cond, bool counted, struct buf *out)
{
	const struct term *at[ORDER_NONE] = { NULL };

	if (cond->kind != COND_ALL && is_classic(cond, at))
		print_classic(at, counted, out);
	else
		print_cond(cond, BINDING_OR, counted, out);
}
