/* Rules as text; see rule.h. Test: test/unit/filter/test_rule.c. */
#include <inttypes.h>
#include <time.h>

#include "protocol.h"
#include "rule.h"

static void
print_prefix(const struct clause *c, struct buf *out)
{
	const struct expr *e = &c->expr;
	char text[ADDR_TEXT_MAX];
	size_t len = addr_format(&e->prefix.addr, text);

	buf_printf(out, "%.*s", (int)len, text);
	if (e->prefix.addr.scope != 0)
		buf_printf(out, "%%%" PRIu32, e->prefix.addr.scope);
	buf_printf(out, "/%u", e->prefix.len);
}

static void
print_number(const struct clause *c, struct buf *out)
{
	const struct expr *e = &c->expr;

	buf_printf(out, "%" PRIu64, e->range.lo);
}

static void
print_hex(const struct clause *c, struct buf *out)
{
	const struct expr *e = &c->expr;

	buf_printf(out, "0x%" PRIx64, e->range.lo);
}

static void
print_family(const struct clause *c, struct buf *out)
{
	const struct expr *e = &c->expr;

	buf_append_text(out, e->family == ADDR_V6 ? "inet6" : "inet");
}

static void
print_flags(const struct clause *c, struct buf *out)
{
	const struct expr *e = &c->expr;

	buf_printf(out, "equals 0x%02" PRIx64, e->masked.value);
}

static void
print_days(const struct clause *c, struct buf *out)
{
	const struct expr *e = &c->expr;
	static const char *const names[] = { "sun", "mon", "tue", "wed", "thu",
		"fri", "sat" };
	const char *comma = "";

	for (unsigned i = 0; i < 7; i++) {
		if (!(e->days >> i & 1))
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

/* Both ends include themselves. */
static void
print_time(const struct clause *c, struct buf *out)
{
	if (c->after)
		print_clock("after", c->expr.range.lo, out);
	if (c->after && c->before)
		buf_append_char(out, ' ');
	if (c->before)
		print_clock("before", c->expr.range.hi, out);
}

static void
print_moment(const char *word, int64_t sec, struct buf *out)
{
	time_t t = (time_t)sec;
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL)
		return;
	buf_printf(out, "%s date %04d%02d%02d%02d%02d%02d", word,
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
	    tm.tm_min, tm.tm_sec);
}

static void
print_date(const struct clause *c, struct buf *out)
{
	if (c->after)
		print_moment("after", c->expr.time.after, out);
	if (c->after && c->before)
		buf_append_char(out, ' ');
	if (c->before)
		print_moment("before", c->expr.time.before, out);
}

/* The word in front of a clause, if it has one, and how its test is written. */
static const struct {
	const char *word;
	void (*print)(const struct clause *c, struct buf *out);
} clauses[CLAUSE_KINDS] = {
	[CLAUSE_AGENT] = { "agent", print_prefix },
	[CLAUSE_IN_IFNDX] = { "in_ifndx", print_number },
	[CLAUSE_OUT_IFNDX] = { "out_ifndx", print_number },
	[CLAUSE_FAMILY] = { NULL, print_family },
	[CLAUSE_SRC] = { "src", print_prefix },
	[CLAUSE_SRC_PORT] = { "port", print_number },
	[CLAUSE_DST] = { "dst", print_prefix },
	[CLAUSE_DST_PORT] = { "port", print_number },
	[CLAUSE_PROTO] = { "proto", print_number },
	[CLAUSE_TOS] = { "tos", print_hex },
	[CLAUSE_TCP_FLAGS] = { "tcp_flags", print_flags },
	[CLAUSE_DAYS] = { "days", print_days },
	[CLAUSE_TIME] = { NULL, print_time },
	[CLAUSE_DATE] = { NULL, print_date },
};

/* Protocol 0, which the grammar takes by its name only. */
static bool
is_protocol_0(const struct clause *c, enum clause_kind kind)
{
	return kind == CLAUSE_PROTO && c->expr.range.lo == 0;
}

static void
print_clause(const struct rule *rule, enum clause_kind kind, bool canonical,
    struct buf *out)
{
	const struct clause *c = &rule->clause[kind];

	if (clauses[kind].word != NULL)
		buf_printf(out, " %s", clauses[kind].word);
	if (kind == CLAUSE_TCP_FLAGS && c->expr.masked.mask != 0xff)
		buf_printf(out, " mask 0x%02" PRIx64, c->expr.masked.mask);
	buf_append_text(out, c->negate ? " ! " : " ");
	if (c->any)
		buf_append_text(out, "any");
	else if (canonical && is_protocol_0(c, kind))
		buf_append_text(out, protocol_name(0));
	else
		clauses[kind].print(c, out);
}

static void
print_clauses(const struct rule *rule, bool canonical, struct buf *out)
{
	if (rule->quick)
		buf_append_text(out, " quick");
	for (int kind = 0; kind < CLAUSE_KINDS; kind++)
		if (rule->clause[kind].present)
			print_clause(rule, (enum clause_kind)kind, canonical,
			    out);
}

void
rule_print(const struct rule *rule, struct buf *out)
{
	buf_append_text(out, rule->discard ? "discard" : "accept");
	if (rule->has_tag)
		buf_printf(out, " tag %" PRIu32, rule->tag);
	print_clauses(rule, true, out);
}

void
rule_print_counters(const struct rule *rule,
    const struct rule_counters *counters, struct buf *out)
{
	if (rule->has_tag)
		buf_printf(out, "tag %" PRIu32, rule->tag);
	else
		buf_append_text(out, rule->discard ? "discard" : "accept");
	print_clauses(rule, false, out);
	buf_printf(out, "  # evaluations %" PRIu64 " matches %" PRIu64
	    " wins %" PRIu64, counters->evaluations, counters->matches,
	    counters->wins);
}
