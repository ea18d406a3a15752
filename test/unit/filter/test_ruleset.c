/*
 * Sets of rules against their slow twin, on random rules and flows; and that
 * the printed form of a rule is the same rule.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "../batch_fixture.h"
#include "interpret.h"
#include "parse.h"
#include "ruleset.h"

enum {
	ROWS = 200,
	ROUNDS = 300,
	RULES_FEW = 4, /* run one by one */
	RULES_MANY = 90, /* classified */
	RULES_REFUSED = 300, /* with a large table each: not classified */
	LOGS = 4,
	TEXT = 256 * 1024
};

static const char *const log_names[LOGS] = { "a", "b", "c", "d" };

static struct random rng;

/* Few different values, so that rules match. */
static void
random_row(size_t row)
{
	struct addr src, dst;

	if (random_below(&rng, 10) != 0)
		batch_set_uint(batch, COL_recv_time, row,
		    (1700000000 + (uint64_t)random_below(&rng, 40) * 7200) *
			1000000000);
	if (random_below(&rng, 8) != 0)
		batch_set_uint(batch, COL_protocol, row,
		    (uint64_t[]){ 6, 17, 1, 58 }[random_below(&rng, 4)]);
	if (random_below(&rng, 8) != 0)
		batch_set_uint(batch, COL_src_port, row, random_below(&rng, 4));
	batch_set_uint(batch, COL_dst_port, row, random_below(&rng, 4));
	batch_set_uint(batch, COL_tcp_flags, row, random_below(&rng, 32));
	if (random_below(&rng, 4) != 0)
		batch_set_uint(batch, COL_tos, row, random_below(&rng, 3));
	if (random_below(&rng, 4) != 0)
		batch_set_uint(batch, COL_if_in, row, random_below(&rng, 4));
	batch_set_uint(batch, COL_if_out, row, random_below(&rng, 4));
	batch_set_uint(batch, COL_octets, row, random_below(&rng, 40));
	batch_set_uint(batch, COL_packets, row, random_below(&rng, 30));
	if (random_below(&rng, 4) != 0)
		batch_set_uint(batch, COL_src_as, row, random_below(&rng, 40));
	if (random_below(&rng, 4) != 0)
		batch_set_uint(batch, COL_vlan, row, random_below(&rng, 40));
	if (random_below(&rng, 2) != 0)
		batch_set_uint(
		    batch, COL_icmp_type, row, random_below(&rng, 16));
	if (random_below(&rng, 8) == 0)
		batch_set_uint(batch, COL_tag, row, random_below(&rng, 5));
	if (random_below(&rng, 3) != 0) {
		batch_set_uint(batch, COL_flow_start, row,
		    1000000000 + (uint64_t)random_below(&rng, 9) * 1000000000);
		batch_set_uint(batch, COL_flow_end, row,
		    1000000000 + (uint64_t)random_below(&rng, 99) * 1000000000);
	} else if (random_below(&rng, 3) != 0) {
		batch_set_uint(batch, COL_flow_start_uptime_ms, row,
		    UINT32_MAX - random_below(&rng, 4000));
		batch_set_uint(batch, COL_flow_end_uptime_ms, row,
		    random_below(&rng, 60000));
	}
	src = addr_from_v4(
	    0x0a000000 | random_below(&rng, 4) << 8 | random_below(&rng, 4));
	dst = src;
	if (random_below(&rng, 3) == 0)
		dst = src = addr_from_v6((struct addr6) {
		    UINT64_C(0x20010db800000000) | random_below(&rng, 4),
		    random_below(&rng, 4) });
	if (random_below(&rng, 10) != 0)
		batch_set_addr(batch, COL_src_addr, row, &src);
	if (random_below(&rng, 10) != 0)
		batch_set_addr(batch, COL_dst_addr, row, &dst);
	src = addr_from_v4(0xc0000200 | random_below(&rng, 3));
	batch_set_addr(batch, COL_agent_addr, row, &src);
}

static void
random_batch(size_t n)
{
	batch_reset(batch);
	for (size_t row = batch_append(batch, n); row < n; row++)
		random_row(row);
}

static const char *
random_not(void)
{
	return random_below(&rng, 3) == 0 ? "! " : "";
}

static void
classic_clauses(struct buf *text)
{
	bool v6 = random_below(&rng, 3) == 0;

	if (random_below(&rng, 4) == 0)
		buf_printf(text, " agent %s192.0.2.%u", random_not(),
		    random_below(&rng, 3));
	if (random_below(&rng, 4) == 0)
		buf_printf(text, " in_ifndx %s%u", random_not(),
		    1 + random_below(&rng, 3));
	if (random_below(&rng, 4) == 0)
		buf_printf(text, " %sinet%s", random_not(), v6 ? "6" : "");
	if (random_below(&rng, 3) == 0 && v6)
		buf_printf(text, " src %s2001:db8:0:%u::/64", random_not(),
		    random_below(&rng, 4));
	else if (random_below(&rng, 3) == 0 && !v6)
		buf_printf(text, " src %s10.0.%u.0/24", random_not(),
		    random_below(&rng, 4));
	if (random_below(&rng, 4) == 0)
		buf_printf(text, " proto tcp dst any port %s%u", random_not(),
		    1 + random_below(&rng, 3));
	else if (random_below(&rng, 4) == 0)
		buf_printf(text, " proto tcp tcp_flags mask %u %sequals %u",
		    random_below(&rng, 8), random_not(), random_below(&rng, 4));
	if (random_below(&rng, 4) == 0)
		buf_printf(
		    text, " tos %s%u", random_not(), random_below(&rng, 3));
	if (random_below(&rng, 6) == 0)
		buf_printf(text, " days mon-wed");
	if (random_below(&rng, 6) == 0)
		buf_printf(text, " after 0%u:30 before 1%u:00",
		    random_below(&rng, 9), random_below(&rng, 9));
	if (random_below(&rng, 8) == 0)
		buf_printf(
		    text, " after date 202311%u", 15 + random_below(&rng, 5));
}

static void
long_list(struct buf *text, unsigned below)
{
	unsigned n = random_below(&rng, 2) ? 5 + random_below(&rng, 10) : 50;

	buf_append_text(text, "{");
	for (unsigned i = 0; i < n; i++)
		buf_printf(text, " %u",
		    1 +
			random_below(&rng, below) *
			    (1 + random_below(&rng, 3)));
	buf_append_text(text, " }");
}

static void
random_numbers(struct buf *text, unsigned below)
{
	static const char *const operators[] = { "", "= ", "< ", "<= ", "> ",
		">= " };
	unsigned lo = random_below(&rng, below);

	buf_append_text(text, random_not());
	switch (random_below(&rng, 9)) {
	case 0:
	case 1:
	case 2:
		buf_printf(
		    text, "%s%u", operators[random_below(&rng, 6)], 1 + lo);
		break;
	case 3:
		long_list(text, below);
		break;
	case 4:
	case 5:
		buf_printf(
		    text, "%u-%u", 1 + lo, 1 + lo + random_below(&rng, 3));
		break;
	default:
		buf_printf(text, "{ %u, %u-%u, > %u }", 1 + lo, 2 + lo,
		    2 + lo + random_below(&rng, 2), below);
	}
}

/* Of the rule at hand: what contradicts itself is refused. */
static bool rule_v6;

static void
random_addresses(struct buf *text)
{
	buf_append_text(text, random_not());
	switch (random_below(&rng, 6)) {
	case 0:
		buf_printf(text,
		    rule_v6 ? "2001:db8::%u:0:0:0:%u" : "10.0.%u.%u",
		    random_below(&rng, 4), random_below(&rng, 4));
		break;
	case 1:
		buf_printf(text,
		    rule_v6 ? "2001:db8:0:%u::/64" : "10.0.%u.0/24",
		    random_below(&rng, 4));
		break;
	case 2:
		buf_printf(text,
		    "{ 10.0.0.0/22, ! 10.0.%u.0/24, "
		    "10.0.%u.%u, 2001:db8::/32, ! 2001:db8:0:%u::/64 }",
		    random_below(&rng, 4), random_below(&rng, 4),
		    random_below(&rng, 4), random_below(&rng, 4));
		break;
	case 3:
		buf_printf(text, "<few>");
		break;
	case 4:
		buf_printf(text, "{ <few>, ! <many>, 10.0.3.%u }",
		    random_below(&rng, 4));
		break;
	default:
		buf_printf(text, "<many>");
	}
}

static void
random_term(struct buf *text)
{
	static const char *const sides[] = { "src ", "dst ", "host ",
		"src_addr ", "agent_addr " };
	static const char *const numbers[] = { "dst_port ", "if_in ", "tos ",
		"octets ", "packets ", "src_as ", "duration ", "bps ", "pps ",
		"bpp ", "tcp_flags ", "vlan ", "in_ifndx ", "icmp_code ",
		"protocol " };
	static const char *const others[] = { "has vlan", "flags S/SA",
		"icmp_type echoreq", "icmp_type > 3", "days ! sat-mon",
		"after 22:00 before 03:30", "before 12:00", "tcp", "udp",
		"has octets", "recv_time > 2023-11-16",
		"recv_time 2023-11-15T02", "icmp_type { 0, unreach }",
		"has src_addr", "has tag" };

	if (random_below(&rng, 20) == 0)
		buf_printf(
		    text, "%sinet%s and ", random_not(), rule_v6 ? "6" : "");
	switch (random_below(&rng, 6)) {
	case 0:
	case 1:
		buf_append_text(text, sides[random_below(&rng, 5)]);
		random_addresses(text);
		break;
	case 2:
		buf_printf(text, "%sport ",
		    random_below(&rng, 3) == 0  ? "src "
			: random_below(&rng, 2) ? "dst "
						: "");
		random_numbers(text, 4);
		break;
	case 3:
	case 4:
		buf_append_text(text, numbers[random_below(&rng, 15)]);
		random_numbers(text, 30);
		break;
	default:
		buf_append_text(text, others[random_below(&rng, 15)]);
	}
}

static void
random_condition(struct buf *text, unsigned depth)
{
	unsigned what = depth == 0 ? 0 : random_below(&rng, 6);

	if (what == 0) {
		random_term(text);
	} else if (what == 1) {
		buf_append_text(text, "not (");
		random_condition(text, depth - 1);
		buf_append_text(text, ")");
	} else {
		buf_append_text(text, what == 2 ? "(" : "");
		random_condition(text, depth - 1);
		buf_append_text(text, what < 5 ? " and " : " or ");
		random_condition(text, depth - 1);
		buf_append_text(text, what == 2 ? ")" : "");
	}
}

static void
random_rules(struct buf *text)
{
	unsigned n = 1 +
	    random_below(&rng, random_below(&rng, 2) ? RULES_FEW : RULES_MANY);
	bool bare = random_below(&rng, 10) == 0; /* of all flows */

	buf_reset(text);
	buf_append_text(text, "table <few> { 10.0.1.0/24, ! 10.0.1.2, "
	    "2001:db8:0:1::/64 }\ntable <many> { <few>, ");
	/* At times so large that it is looked up apart from other tests. */
	for (unsigned i = 0, many = random_below(&rng, 20) == 0 ? 5000 : 30;
	    i < many; i++)
		buf_printf(text, "10.0.%u.%u/32 ", i / 64, i % 64 * 2);
	buf_append_text(text, "}\n");
	for (unsigned i = 0; i < n; i++) {
		bool discard = random_below(&rng, 2);
		bool log = !discard && random_below(&rng, 3) == 0;

		rule_v6 = random_below(&rng, 3) == 0;
		buf_append_text(text, discard ? "discard" : "accept");
		if (log && random_below(&rng, 2))
			buf_printf(text, " log %s",
			    log_names[random_below(&rng, LOGS)]);
		else if (log)
			buf_printf(text, " log { %s, %s }",
			    log_names[random_below(&rng, LOGS)],
			    log_names[random_below(&rng, LOGS)]);
		if (!discard && random_below(&rng, 2))
			buf_printf(text, " tag %u", random_below(&rng, 100));
		if (random_below(&rng, 5) == 0)
			buf_append_text(text, " quick");
		if (bare || random_below(&rng, 10) == 0) {
			buf_append_text(text, " all");
		} else if (random_below(&rng, 2)) {
			classic_clauses(text);
		} else {
			buf_append_char(text, ' ');
			random_condition(text, 3);
		}
		buf_append_char(text, '\n');
	}
}

static void
fail_diag(const struct diag *d, void *arg)
{
	(void)arg;
	fail_msg("%s", d->text);
}

/* As the daemon does that knows what logs there are. */
static void
number_logs(struct filter *filter)
{
	for (struct rule *r = filter->rules; r != NULL; r = r->next)
		for (struct log_name *n = r->log_names; n != NULL;
		     n = n->next)
			r->logs |= UINT32_C(1) << (n->name[0] - 'a');
}

static void
parse_rules(struct filter *filter, struct source *src, const struct buf *text)
{
	struct diag_sink sink = { .report = fail_diag };
	uint32_t fields;

	*src = source_of_text("test", (struct bytes) { text->ptr, text->len });
	assert_int_equal(filter_init(filter), 0);
	assert_int_equal(parse_config_rules(filter, src, &sink, &fields), 0);
	assert_int_equal(prefix_tables_load(filter->tables, &sink), 0);
	number_logs(filter);
}

/* What the rules did to a row, by the slow twin, into counters. */
static const struct rule *
interpret_counting(const struct rule *rules, size_t row,
    struct rule_counters *counters)
{
	const struct rule *decides = NULL;
	size_t i = 0, winner = 0;

	for (; rules != NULL; rules = rules->next, i++) {
		counters[i].evaluations++;
		if (!interpret_cond(rules->cond, batch, row))
			continue;
		counters[i].matches++;
		decides = rules;
		winner = i;
		if (rules->quick)
			break;
	}
	if (decides != NULL)
		counters[winner].wins++;
	return decides;
}

struct expected {
	struct rule_counters counters[RULES_REFUSED + 1];
	size_t next;
	uint64_t seed;
};

static void
assert_counters(const struct rule *rule, const struct rule_counters *c,
    void *arg)
{
	struct expected *want = arg;
	const struct rule_counters *w = &want->counters[want->next++];

	(void)rule;
	if (c->evaluations != w->evaluations || c->matches != w->matches ||
	    c->wins != w->wins)
		fail_msg("seed %llu, rule %zu: counters",
		    (unsigned long long)want->seed, want->next);
}

static void
assert_log_rows(const struct ruleset *set, const struct rule *const *decides,
    uint64_t seed)
{
	uint64_t rows[ROWS / 64 + 1];

	for (unsigned log = 0; log <= LOGS; log++) {
		const char *name = log < LOGS ? log_names[log] : NULL;

		ruleset_log_rows(set, batch, log < LOGS ? log : RULESET_UNNAMED,
		    rows);
		for (size_t row = 0; row < batch->nrows; row++)
			if (bitmap_test(rows, row) !=
			    (bitmap_test(batch->selected, row) &&
				interpret_goes_to(decides[row], name)))
				fail_msg("seed %llu, row %zu, log %u",
				    (unsigned long long)seed, row, log);
	}
}

static void
assert_as_interpreted(const struct rule *rules, uint64_t seed)
{
	struct expected want = { .seed = seed };
	const struct rule *decides[ROWS];
	uint64_t tags[ROWS], selected[ROWS / 64 + 1];
	struct ruleset *set = ruleset_new(rules);

	assert_non_null(set);
	/* Twice: what is remembered must hold as well. */
	for (int round = 0; round < 2; round++) {
		random_batch(random_below(&rng, 2)
			? ROWS
			: 1 + random_below(&rng, ROWS));
		for (size_t row = 0; row < batch->nrows; row++)
			if (random_below(&rng, 20) == 0)
				bitmap_clear(batch->selected, row);
		memcpy(selected, batch->selected, sizeof(selected));
		for (size_t row = 0; row < batch->nrows; row++) {
			tags[row] = batch_uint(batch, COL_tag, row);
			decides[row] = NULL;
			if (bitmap_test(selected, row))
				decides[row] = interpret_counting(rules, row,
				    want.counters);
		}
		ruleset_run(set, batch);
		for (size_t row = 0; row < batch->nrows; row++) {
			const struct rule *r = decides[row];
			bool kept = bitmap_test(selected, row) &&
			    (r == NULL || !r->discard);
			uint64_t tag = r != NULL && r->has_tag ? r->tag
							       : tags[row];

			if (bitmap_test(batch->selected, row) != kept ||
			    batch_uint(batch, COL_tag, row) != tag)
				fail_msg("seed %llu, row %zu",
				    (unsigned long long)seed, row);
		}
		assert_log_rows(set, decides, seed);
	}
	ruleset_each(set, assert_counters, &want);
	ruleset_free(set);
}

static void
ruleset_equals_the_row_at_a_time_interpreter(void **unused)
{
	struct source src;
	struct filter filter;
	struct buf text;

	(void)unused;
	buf_init(&text, TEXT);
	for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
		rng = random_seeded(seed);
		random_rules(&text);
		parse_rules(&filter, &src, &text);
		assert_as_interpreted(filter.rules, seed);
		filter_fini(&filter);
	}
	buf_fini(&text);
}

static bool
is_classified(const struct ruleset *set)
{
	struct buf text;
	bool found;

	buf_init(&text, TEXT);
	ruleset_print(set, &text);
	buf_append_char(&text, '\0');
	found = strstr((const char *)text.ptr, "# classified") != NULL;
	buf_fini(&text);
	return found;
}

static void
many_bare_rules(struct buf *text)
{
	for (unsigned i = 0; i < RULES_MANY; i++)
		buf_append_text(text, "accept all\n");
}

/* More large tables than the classifier has room for. */
static void
large_tables(struct buf *text)
{
	buf_append_text(text, "table <many> { ");
	for (unsigned i = 0; i < 5000; i++)
		buf_printf(text, "10.0.%u.%u/32 ", i / 64, i % 64 * 2);
	buf_append_text(text, "}\n");
	for (unsigned i = 0; i < RULES_REFUSED; i++)
		buf_printf(text,
		    "table <t%u> { <many> 10.0.%u.%u }\n%s src <t%u>\n", i,
		    random_below(&rng, 4), random_below(&rng, 4),
		    i % 3 == 0        ? "accept tag 1"
			: i % 97 == 0 ? "accept log a quick"
				      : "discard",
		    i);
}

static void
ruleset_classifies_many_rules_if_it_can(void **unused)
{
	static const struct {
		void (*write)(struct buf *text);
		bool classified;
	} cases[] = {
		{ many_bare_rules, true },
		{ large_tables, false },
	};
	struct ruleset *set;
	struct source src;
	struct filter filter;
	struct buf text;

	(void)unused;
	buf_init(&text, TEXT);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rng = random_seeded(1);
		buf_reset(&text);
		cases[i].write(&text);
		parse_rules(&filter, &src, &text);
		set = ruleset_new(filter.rules);
		assert_non_null(set);
		assert_int_equal(is_classified(set), cases[i].classified);
		ruleset_free(set);
		assert_as_interpreted(filter.rules, i);
		filter_fini(&filter);
	}
	buf_fini(&text);
}

static void
print_rules(const struct rule *rules, struct buf *out)
{
	buf_reset(out);
	for (; rules != NULL; rules = rules->next) {
		rule_print(rules, out);
		buf_append_char(out, '\n');
	}
}

/* The tables that rules need in front of them. */
static void
print_tables(const struct filter *filter, struct buf *out)
{
	for (const struct prefix_table *t = filter->tables; t != NULL;
	     t = t->next) {
		buf_append_text(out, "table ");
		prefix_table_print(t, out);
		buf_append_char(out, '\n');
	}
}

static void
rule_prints_back_to_itself(void **unused)
{
	struct source src, again_src;
	struct filter filter, again;
	struct buf text, once, twice;

	(void)unused;
	buf_init(&text, TEXT);
	buf_init(&once, TEXT);
	buf_init(&twice, TEXT);
	for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
		rng = random_seeded(seed);
		random_rules(&text);
		parse_rules(&filter, &src, &text);
		print_rules(filter.rules, &once);
		buf_reset(&text);
		print_tables(&filter, &text);
		buf_append(&text, once.ptr, once.len);
		parse_rules(&again, &again_src, &text);
		print_rules(again.rules, &twice);
		assert_int_equal(once.len, twice.len);
		assert_memory_equal(once.ptr, twice.ptr, once.len);
		filter_fini(&again);
		filter_fini(&filter);
	}
	buf_fini(&text);
	buf_fini(&once);
	buf_fini(&twice);
}

struct sums {
	uint64_t evaluations, matches, wins;
};

static void
add_counters(const struct rule *rule, const struct rule_counters *c, void *arg)
{
	struct sums *sums = arg;

	(void)rule;
	sums->evaluations += c->evaluations;
	sums->matches += c->matches;
	sums->wins += c->wins;
}

static void
ruleset_counts_what_its_rules_did(void **unused)
{
	const char rules[] = "discard quick proto udp\n"
			     "accept tag 1 proto tcp\n"
			     "accept tag 2 all\n";
	struct sums sums = { 0, 0, 0 };
	struct ruleset *set;
	struct source src;
	struct buf text;
	struct filter filter;
	size_t udp = 0, tcp = 0;

	(void)unused;
	rng = random_seeded(7);
	random_batch(ROWS);
	for (size_t row = 0; row < ROWS; row++) {
		udp += batch_uint(batch, COL_protocol, row) == 17;
		tcp += batch_uint(batch, COL_protocol, row) == 6;
	}
	buf_init(&text, TEXT);
	buf_append_text(&text, rules);
	parse_rules(&filter, &src, &text);
	set = ruleset_new(filter.rules);
	assert_non_null(set);
	ruleset_run(set, batch);
	ruleset_each(set, add_counters, &sums);
	assert_int_equal(sums.evaluations, ROWS + 2 * (ROWS - udp));
	assert_int_equal(sums.matches, udp + tcp + ROWS - udp);
	assert_int_equal(sums.wins, ROWS);
	assert_int_equal(bitmap_count(batch->selected, ROWS), ROWS - udp);
	ruleset_free(set);
	filter_fini(&filter);
	buf_fini(&text);
}

static void
ruleset_says_whether_it_gave_tags(void **unused)
{
	static const char *const texts[] = { "accept tag 1 proto udp\n",
		"accept tag 1 proto tcp\n" };
	struct ruleset *set;
	struct source src;
	struct filter filter;
	struct buf text;

	(void)unused;
	buf_init(&text, TEXT);
	for (size_t i = 0; i < 2; i++) {
		batch_reset(batch);
		batch_set_uint(batch, COL_protocol, batch_append(batch, 1), 6);
		buf_reset(&text);
		buf_append_text(&text, texts[i]);
		parse_rules(&filter, &src, &text);
		set = ruleset_new(filter.rules);
		assert_non_null(set);
		ruleset_run(set, batch);
		assert_int_equal(colset_has(&batch->used, COL_tag), i);
		assert_int_equal(batch_uint(batch, COL_tag, 0), i);
		ruleset_free(set);
		filter_fini(&filter);
	}
	buf_fini(&text);
}

static void
ruleset_without_rules_accepts_everything(void **unused)
{
	struct ruleset *set = ruleset_new(NULL);
	uint64_t rows[ROWS / 64 + 1];

	(void)unused;
	assert_non_null(set);
	random_batch(ROWS);
	ruleset_run(set, batch);
	assert_int_equal(bitmap_count(batch->selected, ROWS), ROWS);
	assert_int_equal(ruleset_logs(set), 0);
	ruleset_log_rows(set, batch, RULESET_UNNAMED, rows);
	assert_int_equal(bitmap_count(rows, ROWS), ROWS);
	ruleset_log_rows(set, batch, 0, rows);
	assert_int_equal(bitmap_count(rows, ROWS), 0);
	ruleset_free(set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ruleset_equals_the_row_at_a_time_interpreter),
		cmocka_unit_test(ruleset_classifies_many_rules_if_it_can),
		cmocka_unit_test(rule_prints_back_to_itself),
		cmocka_unit_test(ruleset_counts_what_its_rules_did),
		cmocka_unit_test(ruleset_says_whether_it_gave_tags),
		cmocka_unit_test(ruleset_without_rules_accepts_everything),
	};

	return cmocka_run_group_tests(tests, batch_setup,
	    batch_teardown);
}
