/*
 * Rules over blocks: a block that is said to have nothing has nothing, for
 * random rules over random blocks; and what can be told is told.
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
#include "block_writer.h"
#include "parse.h"
#include "prune.h"
#include "ruleset.h"

enum {
	ROWS = 200
};

static void
fail_diag(const struct diag *d, void *arg)
{
	(void)arg;
	fail_msg("%s", d->text);
}

static void
rules_parse(struct filter *filter, const char *text)
{
	struct diag_sink sink = { .report = fail_diag };
	struct source src = source_of_text("test",
	    (struct bytes){ (const uint8_t *)text, strlen(text) });
	uint32_t fields;

	assert_int_equal(filter_init(filter), 0);
	assert_int_equal(
	    parse_config_rules(filter, &src, &sink, &fields), 0);
}

struct fixture {
	struct block_writer *writer;
	struct block_reader *reader;
	struct batch *batch;
	struct block *block;
	struct buf buf;
};

static void
fixture_init(struct fixture *f)
{
	struct block_options o = { .compression = COMPRESS_NONE };

	f->writer = block_writer_new(&o);
	f->reader = block_reader_new();
	f->batch = batch_new(BATCH_ROWS);
	f->block = block_new();
	buf_init(&f->buf, 16 * 1024 * 1024);
}

static void
fixture_fini(struct fixture *f)
{
	block_writer_free(f->writer);
	block_reader_free(f->reader);
	batch_free(f->batch);
	block_free(f->block);
	buf_fini(&f->buf);
}

/* The rows of the batch as a block. */
static void
make_block(struct fixture *f)
{
	buf_reset(&f->buf);
	(void)block_writer_add(f->writer, f->batch, 0);
	assert_true(block_writer_finish(f->writer, &f->buf) > 0);
	assert_int_equal(block_parse((struct bytes){ f->buf.ptr, f->buf.len },
	    f->block, NULL), 0);
	block_reader_begin(f->reader, f->block);
}

static bool
block_lacks(void *arg, unsigned col, const struct addr *a)
{
	(void)col;
	return block_reader_lacks(arg, a);
}

static bool
may_accept(struct fixture *f, const struct ruleset *rules)
{
	struct prune_facts facts = { .block = f->block, .lacks = block_lacks,
		.arg = f->reader };
	struct prune_facts less = { .block = f->block };
	bool may = prune_may_accept(rules, &facts);

	/* Who knows less says yes more often. */
	assert_true(!may || prune_may_accept(rules, &less));
	return may;
}

/* A run of rows, for rules to be asked of. */
struct run {
	struct block_reader *reader;
	size_t first, n;
};

static bool
run_lacks(void *arg, unsigned col, const struct addr *a)
{
	struct run *run = arg;

	return block_reader_run_lacks(run->reader, col, run->first, run->n, a);
}

/* Which runs have rows that may be accepted: the others have none. */
static unsigned
check_runs(struct fixture *f, const struct ruleset *rules)
{
	struct run run = { .reader = f->reader, .n = ROWS / 50 };
	struct prune_facts facts = { .block = f->block, .lacks = run_lacks,
		.arg = &run };
	unsigned pruned = 0;

	assert_int_equal(block_reader_open(f->reader, prune_columns(rules),
	    NULL), 0);
	for (; run.first < ROWS; run.first += run.n) {
		if (prune_may_accept(rules, &facts))
			continue;
		pruned++;
		assert_true(bitmap_next(f->batch->selected, run.first,
		    run.first + run.n) >= run.first + run.n);
	}
	return pruned;
}

/* Few values, so that rules match all, some or none of a block. */
static void
random_rows(struct random *r, struct batch *batch)
{
	uint32_t net = random_u32(r) % 3, port = random_u32(r) % 4;
	unsigned gaps = random_u32(r) % 3, v6 = random_u32(r) % 4;

	batch_reset(batch);
	(void)batch_append(batch, ROWS);
	for (size_t row = 0; row < ROWS; row++) {
		struct addr a = addr_from_v4(
		    0x0a000000 | net << 16 | random_u32(r) % 4);
		struct addr b = addr_from_v4(0xc0000200 | random_u32(r) % 8);

		if (v6 == 1)
			a = addr_from_v6((struct addr6){
			    UINT64_C(0x20010db800000000),
			    random_u32(r) % 4 });
		if (gaps != 1 || random_u32(r) % 4 != 0)
			batch_set_addr(batch, COL_src_addr, row, &a);
		if (gaps != 2)
			batch_set_addr(batch, COL_dst_addr, row, &b);
		batch_set_uint(batch, COL_dst_port, row,
		    port + random_u32(r) % 2);
		if (v6 != 2)
			batch_set_uint(batch, COL_protocol, row,
			    random_u32(r) % 2 ? 6 : 17);
		if (v6 == 3)
			batch_set_uint(batch, COL_tos, row, 8);
		batch_set_uint(batch, COL_recv_time, row,
		    (UINT64_C(1700000000) + random_u32(r) % 9) * 1000000000);
	}
}

static const char *
random_rules(struct random *r, char *text, size_t size)
{
	static const char *const conditions[] = { "all", "src 10.0.0.0/16",
		"src 10.1.0.0/16", "src 10.1.0.3", "src ! 10.0.0.0/8",
		"src 10.2.0.77", "dst 192.0.2.0/24", "dst 192.0.2.3",
		"dst ! 192.0.2.3", "src 2001:db8::/32", "src 2001:db8::2",
		"dst any port 2 proto tcp", "dst any port ! 3 proto udp",
		"dst any port 1 proto tcp",
		"proto tcp", "proto ! udp", "proto icmp", "inet", "inet6",
		"tos 8", "tos ! 8", "tos 0", "src any dst any",
		"src 10.0.0.0/8 dst 192.0.2.5 proto tcp",
		"host 10.1.0.3 or port > 3", "not (tcp and tos 8)",
		"port { 1, 3-9 }", "has tos", "not has src_addr",
		"recv_time > 2023-11-14T22:13:25Z", "recv_time 2023-11-15",
		"recv_time < 2023-11-14T22:13:22Z", "duration > 5",
		"flags S/SA",
		"src { 10.0/16 ! 10.0.0.2 10.7/16 10.8/16 10.9/16 10.10/16 }",
		"dst_port { 1 2 5 6 7 8 9 }", "tos 1-7", "! inet6 days tue",
		"octets { 0 2 4 6 8 10 }", "icmp_type 3", "bps < 5" };
	size_t n = 1 + random_u32(r) % 4, at = 0;

	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, size - at, "%s %s%s\n",
		    random_u32(r) % 2 ? "accept" : "discard",
		    random_u32(r) % 4 == 0 ? "quick " : "",
		    conditions[random_u32(r) % (sizeof(conditions) /
			sizeof(conditions[0]))]);
	return text;
}

static void
prune_never_denies_a_row_that_is_accepted(void **unused)
{
	struct random r = { 11 };
	struct fixture f;
	unsigned pruned = 0, runs = 0;

	(void)unused;
	fixture_init(&f);
	for (unsigned i = 0; i < 3000; i++) {
		struct ruleset *set;
		struct filter filter;
		char text[512];
		bool may;

		random_rows(&r, f.batch);
		make_block(&f);
		rules_parse(&filter, random_rules(&r, text, sizeof(text)));
		set = ruleset_new(filter.rules);
		may = may_accept(&f, set);
		ruleset_run(set, f.batch);
		if (!may && bitmap_count(f.batch->selected, ROWS) > 0)
			fail_msg("denied: %s", text);
		pruned += !may;
		if (may)
			runs += check_runs(&f, set);
		ruleset_free(set);
		filter_fini(&filter);
	}
	/* And it is of some use. */
	assert_true(pruned > 500);
	assert_true(runs > 500);
	fixture_fini(&f);
}

static void
prune_knows_the_columns_of_rules(void **unused)
{
	struct ruleset *rules;
	struct colset set;
	struct filter filter;

	(void)unused;
	rules_parse(
	    &filter, "discard all\naccept tag 3 src 10.0.0.0/8 proto tcp\n");
	rules = ruleset_new(filter.rules);
	assert_non_null(rules);
	set = prune_columns(rules);
	assert_true(colset_has(&set, COL_src_addr));
	assert_true(colset_has(&set, COL_protocol));
	assert_true(colset_has(&set, COL_tag));
	assert_false(colset_has(&set, COL_dst_addr));
	assert_false(colset_has(&set, COL_octets));
	ruleset_free(rules);
	filter_fini(&filter);
}

static void
prune_seeks_a_host_where_little_else_is_tested(void **unused)
{
	static const struct {
		const char *rules;
		bool seeks;
	} cases[] = {
		{ "discard all\naccept src 10.0.0.1\n", true },
		{ "accept proto udp dst 2001:db8::1 port 53\n", true },
		{ "discard src 10.0.0.0/31\n", false },
		{ "accept agent 10.0.0.1\n", false },
		{ "accept all\n", false },
		{ "accept src { 10.0.0.1, 10.0.0.2, 10.9.0.0/16 }\n", true },
		{ "accept proto tcp src 10.0.0.1 port { 1, 3, 5, 7, 9, 11 }\n",
		    true },
	};
	struct ruleset *rules;
	struct filter filter;
	char text[4096];
	int n = 0;

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rules_parse(&filter, cases[i].rules);
		rules = ruleset_new(filter.rules);
		if (prune_seeks_host(rules) != cases[i].seeks)
			fail_msg("%s", cases[i].rules);
		ruleset_free(rules);
		filter_fini(&filter);
	}
	for (unsigned i = 0; i < 40; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n,
		    "accept src 10.0.0.%u\n", i);
	rules_parse(&filter, text);
	rules = ruleset_new(filter.rules);
	assert_false(prune_seeks_host(rules));
	ruleset_free(rules);
	filter_fini(&filter);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(prune_never_denies_a_row_that_is_accepted),
		cmocka_unit_test(prune_knows_the_columns_of_rules),
		cmocka_unit_test(
		    prune_seeks_a_host_where_little_else_is_tested),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
