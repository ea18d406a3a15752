/*
 * Flows and their groups against a slow map of them: batches with garbage in
 * them, and logs that the test writes, read by several threads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"
#include "aggregate_fixture.h"
#include "block_writer.h"

enum {
	LOG_BATCHES = 100,
	LOG_MAX = 256 * 1024 * 1024,
	ROWS = 1500 /* of batches that are not of a log */
};

/* Has the row what a slow group has? */
static void
check_row(const struct aggregate_result *r, size_t row,
    const struct slow_group *g)
{
	struct aggregate_value first = row_measure(r, row, 5);

	assert_true(uint_of(r, row, 0) == g->flows);
	assert_true(uint_of(r, row, 1) == g->octets);
	assert_true(uint_of(r, row, 2) == g->packets);
	assert_int_equal(row_measure(r, row, 3).kind,
	    g->bound ? VALUE_UINT : VALUE_NONE);
	if (g->bound) {
		assert_true(uint_of(r, row, 3) == g->least);
		assert_true(uint_of(r, row, 4) == g->most);
	}
	assert_int_equal(first.kind, g->timed ? VALUE_TIME : VALUE_NONE);
	if (g->timed)
		assert_true(first.ns == g->first_ns);
}

/* Each slow group is a row, once. */
static void
check_result(const struct aggregate_result *r, struct slow_groups *s)
{
	unsigned bin = s->bin_ns != 0;

	assert_int_equal(r->nrows, s->n);
	assert_true(r->ngroups == s->n);
	for (size_t row = 0; row < r->nrows; row++) {
		struct key_value value[KEY_PARTS];
		struct slow_group *g;
		uint64_t at = bin ? key_of(r, row, 0).lo / s->bin_ns : 0;

		for (unsigned i = 0; i < s->key.nparts; i++)
			value[i] = key_of(r, row, i + bin);
		g = slow_groups_find(s, at, value, false);
		assert_non_null(g);
		assert_false(g->seen);
		g->seen = true;
		check_row(r, row, g);
	}
	if (s->n > 0)
		check_row(r, AGGREGATE_TOTAL, &s->total);
}

/* --- Against the slow map --- */

static const char *const keys[] = { "", "src_addr", "src_addr/26,dst_addr/27",
	"src_addr/0,/0", "src_addr/24,/48,protocol", "dst_port", "protocol",
	"service", "octets", "src_mac", "recv_time", "hour,weekday,day",
	"host", "port", "host/28,/120", "host,protocol", "as", "interface,host",
	"pair", "conversation", "conversation/27,/100,service",
	"if_in_name", "protocol,interface_name",
	"src_addr:customers", "customers", "dst_addr:acme,dst_addr/30",
	"customers,port", "host:customers,host:acme,protocol",
	"src_addr,dst_addr,src_port,dst_port,protocol,if_in" };

#define NKEYS (sizeof(keys) / sizeof(keys[0]))

/* Batches with these gaps, ordinary ones and ones with numbered addresses. */
static void
check_keys(struct random_flows *b, const uint64_t *bin_ns, size_t nbins,
    bool numbered)
{
	struct batch *batch = batch_new(BATCH_ROWS);
	struct batch *other = batch_new(BATCH_ROWS);
	struct random_flows_table *table = calloc(1, sizeof(*table));
	const size_t rows[] = { ROWS, 64, 1, 700 };

	assert_non_null(table);
	for (size_t k = 0; k < NKEYS; k++) {
		uint64_t width = bin_ns[k % nbins];
		struct aggregate_output o = output_of(keys[k], SLOW_TEXT);
		struct aggregate_result *r;
		struct slow_groups s;
		struct aggregate *a;
		struct feed f;

		if (width != 0 && strstr(keys[k], "hour") != NULL)
			continue;
		o.bin_ns = width;
		a = aggregate_of(&o, 1);
		slow_groups_init(&s, keys[k], width);
		feed_begin(&f, a);
		for (unsigned i = 0; i < 4; i++) {
			struct colset columns = random_flows_columns();

			columns.word[0] &= i % 2 == 0
			    ? UINT64_MAX
			    : random_u64(&b->random);
			random_flows_fill(b, batch, rows[i], columns);
			slow_groups_add(&s, batch);
			if (numbered)
				random_flows_number(b, batch, other, table);
			feed_take(&f, numbered ? other : batch);
		}
		feed_end(&f);
		r = result_of(a, 0);
		check_result(r, &s);
		aggregate_result_free(r);
		aggregate_free(a);
		slow_groups_fini(&s);
	}
	batch_free(batch);
	batch_free(other);
	free(table);
}

static void
check_batches(unsigned gaps, unsigned v6, const uint64_t *bins, size_t nbins,
    bool numbered)
{
	struct random_flows b = { .random = { 100 + gaps + v6 },
		.gaps = gaps,
		.v6 = v6,
		.unselected = gaps / 2,
		.hosts = 40,
		.longest_ns = 900 * SECOND_NS };

	check_keys(&b, bins, nbins, numbered);
}

static void
groups_are_those_of_a_slow_map(void **state)
{
	static const uint64_t none[] = { 0 };

	(void)state;
	check_batches(0, 0, none, 1, false);
	check_batches(0, 100, none, 1, false);
	check_batches(100, 0, none, 1, false);
	check_batches(100, 128, none, 1, false);
	check_batches(254, 128, none, 1, false);
}

static void
numbers_of_addresses_make_the_same_groups(void **state)
{
	static const uint64_t widths[] = { 0, 0, 300 * SECOND_NS };

	(void)state;
	check_batches(0, 0, widths, 3, true);
	check_batches(0, 100, widths, 3, true);
	check_batches(100, 128, widths, 3, true);
}

static void
flows_are_spread_over_bins_as_by_a_slow_map(void **state)
{
	static const uint64_t widths[] = { 60 * SECOND_NS, 300 * SECOND_NS,
		3600 * SECOND_NS, 86400 * SECOND_NS, 45 * SECOND_NS };

	(void)state;
	check_batches(0, 0, widths, 5, false);
	check_batches(100, 100, widths, 4, false);
}

/* --- Logs, by several threads --- */

struct log {
	char folder[FOLDER_PATH];
	char path[FOLDER_PATH + 16];
};

static void
log_batches(struct random_flows *b)
{
	*b = (struct random_flows){ .random = { 4711 },
		.gaps = 10,
		.v6 = 60,
		.unselected = 20,
		.hosts = 20000,
		.longest_ns = 400 * SECOND_NS };
}

/* The i-th batch of the log; without garbage that costs time. */
static void
log_fill(struct random_flows *b, struct batch *batch)
{
	struct colset columns = random_flows_columns();

	batch_reset(batch);
	(void)batch_append(batch, BATCH_ROWS);
	for (size_t row = 0; row < BATCH_ROWS; row++) {
		if (random_flows_chance(b, b->unselected))
			bitmap_clear(batch->selected, row);
		random_flows_put_times(b, batch, row);
		for (unsigned col = 0; col < COL_COUNT; col++)
			if (colset_has(&columns, col) &&
			    !random_flows_chance(b, b->gaps))
				random_flows_put(b, batch, col, row);
	}
}

static int
log_write(void **state)
{
	struct block_options options = { .compression = COMPRESS_LZ4,
		.rows = 9000 };
	struct block_writer *w = block_writer_new(&options);
	struct batch *batch = batch_new(BATCH_ROWS);
	struct log *log = calloc(1, sizeof(*log));
	struct random_flows b;
	struct buf out;
	FILE *file;

	if (log == NULL || folder_make(log->folder) != 0)
		return -1;
	log_batches(&b);
	buf_init(&out, LOG_MAX);
	for (unsigned i = 0; i < LOG_BATCHES; i++) {
		size_t row;

		log_fill(&b, batch);
		row = block_writer_add(w, batch, 0);
		while (row < batch->nrows) {
			(void)block_writer_finish(w, &out);
			row = block_writer_add(w, batch, row);
		}
	}
	(void)block_writer_finish(w, &out);
	(void)snprintf(log->path, sizeof(log->path), "%s/log", log->folder);
	file = fopen(log->path, "wb");
	if (file == NULL || fwrite(out.ptr, 1, out.len, file) != out.len ||
	    fclose(file) != 0)
		return -1;
	buf_fini(&out);
	block_writer_free(w);
	batch_free(batch);
	*state = log;
	return 0;
}

static int
log_remove(void **state)
{
	struct log *log = *state;

	(void)unlink(log->path);
	(void)rmdir(log->folder);
	free(log);
	return 0;
}

static void
run_log(struct aggregate *a, struct log *log, unsigned threads)
{
	char *paths[] = { log->path, NULL };
	struct scan_plan plan = { .paths = paths, .threads = threads };
	struct flowd_error err;
	struct scan *scan;

	aggregate_want(a, &plan);
	scan = scan_open(&plan, &err);
	if (scan == NULL || aggregate_run(a, scan, &err) != 0)
		fail_msg("%s", err.text);
	scan_close(scan);
}

static void
put_value(struct buf *out, const struct aggregate_value *v)
{
	char text[ADDR_TEXT_MAX];

	switch ((enum aggregate_kind)v->kind) {
	case VALUE_NONE:
		buf_append_text(out, "-");
		break;
	case VALUE_UINT:
		buf_printf(out, "%llu", (unsigned long long)v->uint);
		break;
	case VALUE_REAL:
		buf_printf(out, "%a", v->real);
		break;
	case VALUE_ADDR:
		buf_append(out, text, addr_format(&v->addr, text));
		break;
	default:
		buf_printf(out, "%lld", (long long)v->ns);
		break;
	}
	buf_append_text(out, v->estimate ? "~ " : " ");
}

static void
put_row(struct buf *out, const struct aggregate_result *r, size_t row)
{
	struct aggregate_value v;

	for (unsigned i = 0; i < r->key.nparts && row < r->nrows; i++) {
		aggregate_key(r, row, i, &v);
		put_value(out, &v);
	}
	for (unsigned i = 0; i < r->output->measures.n; i++) {
		aggregate_measure(r, row, i, &v);
		put_value(out, &v);
	}
	buf_append_char(out, '\n');
}

/* All of a result as text. */
static void
put_result(struct buf *out, struct aggregate *a, unsigned output)
{
	struct aggregate_result *r = result_of(a, output);

	buf_printf(out, "%zu %llu %llu\n", r->nrows,
	    (unsigned long long)r->ngroups,
	    (unsigned long long)r->notes.flows);
	for (size_t row = 0; row < r->nrows; row++)
		put_row(out, r, row);
	put_row(out, r, AGGREGATE_OTHER);
	put_row(out, r, AGGREGATE_TOTAL);
	assert_true(buf_ok(out));
	aggregate_result_free(r);
}

enum { LOG_OUTPUTS = 9 };

static void
log_outputs(struct aggregate_output o[LOG_OUTPUTS])
{
	o[0] = output_of(
	    "", "flows,octets,packets,bps,bpp,duration,avg(octets)");
	o[1] = output_of("src_addr,dst_addr,dst_port", "flows,octets");
	o[1].order = 0;
	o[1].limit = 5000;
	o[2] = output_of(
	    "host/24,/64", "octets,distinct(dst_addr),p95(octets)");
	o[2].order = 1;
	o[2].limit = 100;
	o[3] = output_of("dst_port", "flows,min(octets),max(flow_end)");
	o[4] = output_of("protocol", "octets,flows,p50(packets),first,last");
	o[4].bin_ns = 300 * (uint64_t)SECOND_NS;
	o[5] = output_of("src_addr/24,/56", "octets");
	o[5].bin_ns = 60 * (uint64_t)SECOND_NS;
	o[5].bin_by_end = true;
	o[5].order = 0;
	o[5].limit = 3;
	o[6] = output_of(
	    "conversation/18,/48", "flows,distinct(src_port)");
	o[6].order = 0;
	o[6].limit = 50;
	o[7] = output_of("service", "distinct(src_addr),distinct(octets)");
	o[8] = output_of("", "distinct(src_addr),p99(octets),p99.9(duration)");
}

static void
threads_and_outputs_do_not_change_results(void **state)
{
	struct aggregate_output o[LOG_OUTPUTS];
	struct buf want, got;

	log_outputs(o);
	buf_init(&want, LOG_MAX);
	buf_init(&got, LOG_MAX);
	/* One output at a time, by one thread. */
	for (unsigned i = 0; i < LOG_OUTPUTS; i++) {
		struct aggregate *a = aggregate_of(&o[i], 1);

		run_log(a, *state, 1);
		put_result(&want, a, 0);
		aggregate_free(a);
	}
	/* All in one pass. */
	for (unsigned threads = 1; threads <= 4; threads *= 2) {
		struct aggregate *a = aggregate_of(o, LOG_OUTPUTS);

		run_log(a, *state, threads);
		buf_reset(&got);
		for (unsigned i = 0; i < LOG_OUTPUTS; i++)
			put_result(&got, a, i);
		aggregate_free(a);
		assert_int_equal(got.len, want.len);
		assert_memory_equal(got.ptr, want.ptr, want.len);
	}
	buf_fini(&want);
	buf_fini(&got);
}

static void
groups_of_a_log_are_those_of_a_slow_map(void **state)
{
	static const struct {
		const char *key;
		uint64_t bin_ns;
	} cases[] = {
		{ "src_addr", 0 },
		{ "host/22,/56,protocol", 0 },
		{ "conversation/18,/48", 0 },
		{ "customers", 0 },
		{ "src_addr:customers,host:acme", 300 * SECOND_NS },
		{ "service", 300 * SECOND_NS },
		{ "src_addr/24,/56", 3600 * SECOND_NS },
	};
	struct batch *batch = batch_new(BATCH_ROWS);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct aggregate_output o = output_of(
		    cases[i].key, SLOW_TEXT);
		struct aggregate_result *r;
		struct slow_groups s;
		struct aggregate *a;
		struct random_flows b;

		o.bin_ns = cases[i].bin_ns;
		a = aggregate_of(&o, 1);
		slow_groups_init(&s, cases[i].key, cases[i].bin_ns);
		log_batches(&b);
		for (unsigned k = 0; k < LOG_BATCHES; k++) {
			log_fill(&b, batch);
			slow_groups_add(&s, batch);
		}
		run_log(a, *state, 2);
		r = result_of(a, 0);
		check_result(r, &s);
		aggregate_result_free(r);
		aggregate_free(a);
		slow_groups_fini(&s);
	}
	batch_free(batch);
}

/* Another scan adds to what is there; a result stays as it is. */
static void
results_stay_while_more_is_taken_in(void **state)
{
	struct aggregate_output o = output_of(
	    "dst_port", "flows,distinct(src_addr)");
	struct aggregate *a = aggregate_of(&o, 1);
	struct aggregate_result *before, *after;

	run_log(a, *state, 2);
	before = result_of(a, 0);
	run_log(a, *state, 1);
	after = result_of(a, 0);
	assert_int_equal(before->nrows, after->nrows);
	for (size_t row = 0; row < after->nrows; row++) {
		assert_true(2 * uint_of(before, row, 0) ==
		    uint_of(after, row, 0));
		assert_true(
		    uint_of(before, row, 1) == uint_of(after, row, 1));
	}
	assert_true(2 * before->notes.flows == after->notes.flows);
	aggregate_result_free(before);
	aggregate_result_free(after);
	aggregate_free(a);
}

/* Against the exact numbers, by the standard error and by 0.4 %. */
static void
estimates_of_a_log_are_near(void **state)
{
	struct aggregate_output o = output_of(
	    "", "distinct(octets),p90(packets),distinct(src_port)");
	struct aggregate *a = aggregate_of(&o, 1);
	struct batch *batch = batch_new(BATCH_ROWS);
	struct aggregate_output values = output_of("octets", "flows");
	struct aggregate *exact = aggregate_of(&values, 1);
	struct aggregate_result *r, *all;
	uint64_t distinct = 0, got, rank = 0, n = 0, want = 0;

	run_log(a, *state, 2);
	run_log(exact, *state, 2);
	r = result_of(a, 0);
	all = result_of(exact, 0);
	for (size_t row = 0; row < all->nrows; row++)
		distinct += key_of(all, row, 0).presence != KEY_ABSENT;
	got = uint_of(r, 0, 0);
	assert_true(row_measure(r, 0, 0).estimate);
	assert_in_range(got, distinct - distinct * 33 / 1000,
	    distinct + distinct * 33 / 1000);
	assert_true(uint_of(r, 0, 2) == 9);
	assert_false(row_measure(r, 0, 2).estimate);
	aggregate_result_free(all);
	aggregate_free(exact);
	values = output_of("packets", "flows");
	exact = aggregate_of(&values, 1);
	run_log(exact, *state, 1);
	all = result_of(exact, 0);
	for (size_t row = 0; row < all->nrows; row++)
		if (key_of(all, row, 0).presence != KEY_ABSENT)
			n += uint_of(all, row, 0);
	for (size_t row = 0; row < all->nrows && rank * 10 < n * 9; row++)
		if (key_of(all, row, 0).presence != KEY_ABSENT) {
			rank += uint_of(all, row, 0);
			want = key_of(all, row, 0).lo;
		}
	got = uint_of(r, 0, 1);
	assert_true(row_measure(r, 0, 1).estimate);
	assert_in_range(got, want - want / 250, want + want / 250);
	aggregate_result_free(all);
	aggregate_result_free(r);
	aggregate_free(exact);
	aggregate_free(a);
	batch_free(batch);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_are_those_of_a_slow_map),
		cmocka_unit_test(numbers_of_addresses_make_the_same_groups),
		cmocka_unit_test(flows_are_spread_over_bins_as_by_a_slow_map),
		cmocka_unit_test(threads_and_outputs_do_not_change_results),
		cmocka_unit_test(groups_of_a_log_are_those_of_a_slow_map),
		cmocka_unit_test(results_stay_while_more_is_taken_in),
		cmocka_unit_test(estimates_of_a_log_are_near),
	};

	return cmocka_run_group_tests(tests, log_write, log_remove);
}
