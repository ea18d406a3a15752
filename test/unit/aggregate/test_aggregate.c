/*
 * Aggregation as a whole: groups against a slow map of them, over batches with
 * garbage in them and over logs that the test writes; bins, both ends of flows,
 * having, order, limits, what is left out, memory, threads.
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
#include "aggregate.h"
#include "block_writer.h"
#include "slow_groups.h"

enum {
	LOG_BATCHES = 100,
	LOG_MAX = 256 * 1024 * 1024,
	ROWS = 1500 /* of batches that are not of a log */
};

static const struct zone utc = { false, 0 };
static const struct zone east = { false, SLOW_EAST_SEC };

/* --- Plans --- */

static struct aggregate_output
output_of(const char *key, const char *measures)
{
	struct aggregate_output o = { .key = { .unordered = -1 },
		.order = ORDER_BY_KEY };
	struct flowd_error err;

	if (key[0] != '\0' && key_parse(&o.key, key, &err) != 0)
		fail_msg("%s", err.text);
	if (measures[0] != '\0' &&
	    measures_parse(&o.measures, measures, &err) != 0)
		fail_msg("%s", err.text);
	return o;
}

static struct aggregate *
aggregate_of(const struct aggregate_output *o, unsigned n)
{
	const struct aggregate_plan plan = { .outputs = o,
		.noutputs = n,
		.zone = o->bin_ns != 0 ? utc : east,
		.now_ns = START_NS,
		.seed = UINT64_C(0x1234567887654321) };
	struct flowd_error err;
	struct aggregate *a = aggregate_new(&plan, &err);

	if (a == NULL)
		fail_msg("%s", err.text);
	return a;
}

static struct aggregate_result *
result_of(struct aggregate *a, unsigned output)
{
	struct flowd_error err;
	struct aggregate_result *r = aggregate_result(a, output, &err);

	if (r == NULL)
		fail_msg("%s", err.text);
	return r;
}

/* --- Batches, as a scan gives them to a thread --- */

struct feed {
	struct aggregate *a;
	void *state, *partial;
};

static void
feed_begin(struct feed *f, struct aggregate *a)
{
	struct flowd_error err;

	f->a = a;
	f->state = aggregate_consumer.begin(a, &err);
	f->partial = aggregate_consumer.partial(a, &err);
	assert_non_null(f->state);
	assert_non_null(f->partial);
}

static int
feed_put(struct feed *f, const struct batch *batch, struct flowd_error *err)
{
	return aggregate_consumer.batch(f->state, f->partial, batch, err);
}

static void
feed_take(struct feed *f, const struct batch *batch)
{
	struct flowd_error err;

	if (feed_put(f, batch, &err) != 0)
		fail_msg("%s", err.text);
}

static void
feed_end(struct feed *f)
{
	struct flowd_error err;

	if (aggregate_consumer.emit(f->a, f->partial, &err) != 0)
		fail_msg("%s", err.text);
	aggregate_consumer.drop(f->partial);
	aggregate_consumer.end(f->state);
}

/* Take in one batch. */
static void
feed_batch(struct aggregate *a, const struct batch *batch)
{
	struct feed f;

	feed_begin(&f, a);
	feed_take(&f, batch);
	feed_end(&f);
}

/* --- Looking at results --- */

static struct aggregate_value
measure(const struct aggregate_result *r, size_t row, unsigned i)
{
	struct aggregate_value v;

	aggregate_measure(r, row, i, &v);
	return v;
}

static uint64_t
uint_of(const struct aggregate_result *r, size_t row, unsigned i)
{
	struct aggregate_value v = measure(r, row, i);

	assert_int_equal(v.kind, VALUE_UINT);
	return v.uint;
}

static struct key_value
key_of(const struct aggregate_result *r, size_t row, unsigned part)
{
	struct key_value k = { KEY_ABSENT, 0, 0 };
	struct aggregate_value v;

	aggregate_key(r, row, part, &v);
	switch (v.kind) {
	case VALUE_NONE:
		break;
	case VALUE_ADDR:
		k.presence = v.addr.family == ADDR_V6 ? KEY_V6 : KEY_PLAIN;
		k.lo = v.addr.family == ADDR_V6 ? v.addr.v6.lo : v.addr.v4;
		k.hi = v.addr.family == ADDR_V6 ? v.addr.v6.hi : 0;
		break;
	case VALUE_TIME:
		k = (struct key_value){ KEY_PLAIN, (uint64_t)v.ns, 0 };
		break;
	default:
		k = (struct key_value){ KEY_PLAIN, v.uint, 0 };
		break;
	}
	return k;
}

/* Has the row what a slow group has? */
static void
check_row(const struct aggregate_result *r, size_t row,
    const struct slow_group *g)
{
	struct aggregate_value first = measure(r, row, 5);

	assert_true(uint_of(r, row, 0) == g->flows);
	assert_true(uint_of(r, row, 1) == g->octets);
	assert_true(uint_of(r, row, 2) == g->packets);
	assert_int_equal(measure(r, row, 3).kind,
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
	"src_addr,dst_addr,src_port,dst_port,protocol,if_in" };

#define NKEYS (sizeof(keys) / sizeof(keys[0]))

/* Batches with these gaps, ordinary ones and ones with numbered addresses. */
static void
check_keys(struct batches *b, const uint64_t *bin_ns, size_t nbins,
    bool numbered)
{
	struct batch *batch = batch_new(BATCH_ROWS);
	struct batch *other = batch_new(BATCH_ROWS);
	struct batches_table *table = calloc(1, sizeof(*table));
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
			struct colset columns = batches_columns();

			columns.word[0] &= i % 2 == 0
			    ? UINT64_MAX
			    : random_u64(&b->random);
			batches_fill(b, batch, rows[i], columns);
			slow_groups_add(&s, batch);
			if (numbered)
				batches_number(b, batch, other, table);
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
	struct batches b = { .random = { 100 + gaps + v6 },
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

/* --- Small cases --- */

/* A flow of ten octets a row. */
static struct batch *
flows_of(size_t n)
{
	struct batch *batch = batch_new(BATCH_ROWS);

	(void)batch_append(batch, n);
	for (size_t row = 0; row < n; row++) {
		batch_set_uint(batch, COL_recv_time, row, (uint64_t)START_NS);
		batch_set_uint(batch, COL_octets, row, 10);
	}
	return batch;
}

static void
set_host(struct batch *batch, unsigned col, size_t row, uint32_t host)
{
	struct addr a = addr_from_v4(0x0a000000 | host);

	batch_set_addr(batch, col, row, &a);
}

static void
no_flows_are_no_groups_and_a_total_of_nothing(void **state)
{
	struct aggregate_output o = output_of("src_addr",
	    "flows,octets,min(octets),avg(octets),bps,bpp,first,duration,"
	    "distinct(dst_port),p95(octets)");
	struct aggregate *a = aggregate_of(&o, 1);
	struct aggregate_result *r = result_of(a, 0);
	const size_t rows[] = { AGGREGATE_OTHER, AGGREGATE_TOTAL };

	(void)state;
	assert_int_equal(r->nrows, 0);
	assert_true(r->notes.flows == 0);
	for (unsigned i = 0; i < 2; i++) {
		assert_true(uint_of(r, rows[i], 0) == 0);
		assert_true(uint_of(r, rows[i], 1) == 0);
		for (unsigned m = 2; m < 8; m++)
			assert_int_equal(
			    measure(r, rows[i], m).kind, VALUE_NONE);
		assert_true(uint_of(r, rows[i], 8) == 0);
		assert_int_equal(measure(r, rows[i], 9).kind, VALUE_NONE);
	}
	aggregate_result_free(r);
	aggregate_free(a);
}

static void
keys_without_measures_are_a_list(void **state)
{
	struct aggregate_output o = output_of("dst_port", "");
	struct batch *batch = flows_of(9);
	struct aggregate *a = aggregate_of(&o, 1);
	struct aggregate_result *r;

	(void)state;
	for (size_t row = 0; row < 9; row++)
		batch_set_uint(batch, COL_dst_port, row, row % 3);
	feed_batch(a, batch);
	r = result_of(a, 0);
	assert_int_equal(r->nrows, 3);
	for (size_t row = 0; row < 3; row++)
		assert_true(key_of(r, row, 0).lo == row);
	aggregate_result_free(r);
	aggregate_free(a);
	batch_free(batch);
}

static void
a_flow_counts_for_each_end_once(void **state)
{
	struct aggregate_output o = output_of("host", "flows,octets");
	struct aggregate *a = aggregate_of(&o, 1);
	struct batch *batch = flows_of(4);
	struct aggregate_result *r;

	(void)state;
	set_host(batch, COL_src_addr, 0, 1);
	set_host(batch, COL_dst_addr, 0, 2);
	set_host(batch, COL_src_addr, 1, 2);
	set_host(batch, COL_dst_addr, 1, 1);
	set_host(batch, COL_src_addr, 2, 1);
	set_host(batch, COL_dst_addr, 2, 1);
	set_host(batch, COL_dst_addr, 3, 2);
	feed_batch(a, batch);
	r = result_of(a, 0);
	/* None, 10.0.0.1, 10.0.0.2. */
	assert_int_equal(r->nrows, 3);
	assert_int_equal(key_of(r, 0, 0).presence, KEY_ABSENT);
	assert_true(uint_of(r, 0, 0) == 1);
	assert_true(uint_of(r, 1, 0) == 3);
	assert_true(uint_of(r, 2, 0) == 3);
	/* The total has each flow once. */
	assert_true(uint_of(r, AGGREGATE_TOTAL, 0) == 4);
	assert_true(uint_of(r, AGGREGATE_TOTAL, 1) == 40);
	aggregate_result_free(r);
	aggregate_free(a);
	batch_free(batch);
}

/* Ports 0 to 9 have 1, 2, 3, 1, 2, ... flows; ten octets each. */
static struct batch *
ported(void)
{
	struct batch *batch = flows_of(0);
	size_t row = 0;

	for (uint64_t port = 0; port < 10; port++)
		for (uint64_t i = 0; i <= port % 3; i++) {
			(void)batch_append(batch, 1);
			batch_set_uint(batch, COL_dst_port, row, port);
			batch_set_uint(batch, COL_octets, row++, 10);
		}
	return batch;
}

/* The ports of a result, as digits. */
static void
assert_ports(struct aggregate_output o, const char *want, uint64_t left_out)
{
	struct aggregate *a = aggregate_of(&o, 1);
	struct batch *batch = ported();
	struct aggregate_result *r;
	uint64_t shown = 0;
	char ports[16] = "";

	feed_batch(a, batch);
	r = result_of(a, 0);
	assert_true(r->nrows < sizeof(ports));
	for (size_t row = 0; row < r->nrows; row++) {
		ports[row] = (char)('0' + (int)key_of(r, row, 0).lo);
		shown += uint_of(r, row, 0);
	}
	assert_string_equal(ports, want);
	assert_true(uint_of(r, AGGREGATE_TOTAL, 0) == 19);
	assert_true(uint_of(r, AGGREGATE_OTHER, 0) == left_out);
	assert_true(shown + left_out == 19);
	aggregate_result_free(r);
	aggregate_free(a);
	batch_free(batch);
}

static struct aggregate_output
ports_by(int order, bool ascending, uint64_t limit)
{
	struct aggregate_output o = output_of(
	    "dst_port", "flows,octets,avg(packets)");

	o.order = order;
	o.ascending = ascending;
	o.limit = limit;
	return o;
}

static void
groups_are_in_order_and_ties_by_their_keys(void **state)
{
	(void)state;
	assert_ports(ports_by(ORDER_BY_KEY, false, 0), "0123456789", 0);
	assert_ports(ports_by(ORDER_BY_KEY, true, 0), "0123456789", 0);
	assert_ports(ports_by(0, false, 0), "2581470369", 0);
	assert_ports(ports_by(0, true, 0), "0369147258", 0);
	assert_ports(ports_by(1, false, 0), "2581470369", 0);
	/* No group has an average: all are the same. */
	assert_ports(ports_by(2, false, 0), "0123456789", 0);
	assert_ports(ports_by(2, true, 0), "0123456789", 0);
}

static void
a_limit_leaves_the_others_to_one_row(void **state)
{
	(void)state;
	assert_ports(ports_by(0, false, 1), "2", 16);
	assert_ports(ports_by(0, false, 4), "2581", 8);
	assert_ports(ports_by(0, true, 4), "0369", 15);
	assert_ports(ports_by(0, false, 9), "258147036", 1);
	assert_ports(ports_by(0, false, 10), "2581470369", 0);
	assert_ports(ports_by(0, false, UINT64_MAX), "2581470369", 0);
	assert_ports(ports_by(ORDER_BY_KEY, false, 3), "012", 13);
}

static struct aggregate_output
having(struct aggregate_output o, unsigned measure, unsigned test, double v)
{
	o.having[o.nhaving++] = (struct aggregate_having){
		.measure = (uint8_t)measure,
		.test = (uint8_t)test,
		.value = v
	};
	return o;
}

static void
having_lets_groups_pass(void **state)
{
	const struct aggregate_output all = ports_by(0, false, 0);

	(void)state;
	assert_ports(having(all, 0, HAVING_LESS, 2), "0369", 15);
	assert_ports(having(all, 0, HAVING_AT_MOST, 2), "1470369", 9);
	assert_ports(having(all, 0, HAVING_EQUAL, 2), "147", 13);
	assert_ports(having(all, 0, HAVING_NOT, 2), "2580369", 6);
	assert_ports(having(all, 1, HAVING_AT_LEAST, 20), "258147", 4);
	assert_ports(having(all, 1, HAVING_MORE, 20), "258", 10);
	assert_ports(having(having(all, 0, HAVING_MORE, 1), 1, HAVING_LESS,
			 30),
	    "147", 13);
	assert_ports(having(ports_by(0, false, 2), 0, HAVING_LESS, 3), "14",
	    15);
	/* What has no value passes no test. */
	assert_ports(having(all, 2, HAVING_NOT, 5), "", 19);
}

/* --- Measures --- */

static void
measures_of_three_flows(void **state)
{
	static const struct {
		int64_t begin_ns, end_ns;
		uint64_t octets, packets;
	} flows[] = {
		{ 0, 1000000500, 100, 1 },
		{ 500000000, 4000000000, 1000, 9 },
		{ 1000000000, 1000000000, 37, 0 },
	};
	struct aggregate_output o = output_of("",
	    "bps,pps,bpp,duration,first,last,avg(octets),sum(duration),"
	    "max(duration),avg(duration),p50(octets),p95(octets),"
	    "distinct(octets),min(flow_end)");
	struct aggregate *a = aggregate_of(&o, 1);
	struct batch *batch = flows_of(3);
	struct aggregate_result *r;

	(void)state;
	for (size_t row = 0; row < 3; row++) {
		batch_set_uint(batch, COL_flow_start, row,
		    (uint64_t)(START_NS + flows[row].begin_ns));
		batch_set_uint(batch, COL_flow_end, row,
		    (uint64_t)(START_NS + flows[row].end_ns));
		batch_set_uint(batch, COL_octets, row, flows[row].octets);
		batch_set_uint(batch, COL_packets, row, flows[row].packets);
	}
	feed_batch(a, batch);
	r = result_of(a, 0);
	assert_int_equal(r->nrows, 1);
	for (size_t i = 0; i < 2; i++) {
		size_t row = i == 0 ? 0 : AGGREGATE_TOTAL;

		assert_true(measure(r, row, 0).real == 1137 * 8 / 4.0);
		assert_true(measure(r, row, 1).real == 10 / 4.0);
		assert_true(measure(r, row, 2).real == 113.7);
		assert_true(measure(r, row, 3).ns == 4000000000);
		assert_true(measure(r, row, 4).ns == START_NS);
		assert_true(measure(r, row, 5).ns == START_NS + 4000000000);
		assert_true(measure(r, row, 6).real == 379);
		assert_true(measure(r, row, 7).ns == 4500000000);
		assert_true(measure(r, row, 8).ns == 3500000000);
		assert_true(measure(r, row, 9).ns == 1500000000);
		assert_true(uint_of(r, row, 10) == 100);
		assert_true(uint_of(r, row, 11) == 1000);
		assert_true(uint_of(r, row, 12) == 3);
		assert_true(measure(r, row, 13).ns == START_NS + 1000000000);
	}
	aggregate_result_free(r);
	aggregate_free(a);
	batch_free(batch);
}

/* The time that all flows span is told to the nanosecond. */
static void
a_span_is_exact(void **state)
{
	struct aggregate_output o = output_of("", "duration,first,last");
	struct aggregate *a = aggregate_of(&o, 1);
	struct batch *batch = flows_of(2);
	struct aggregate_result *r;

	(void)state;
	batch_set_uint(batch, COL_flow_start, 0, (uint64_t)START_NS + 1);
	batch_set_uint(batch, COL_flow_start, 1, (uint64_t)-7);
	batch_set_uint(batch, COL_flow_end, 0, (uint64_t)START_NS + 999);
	batch_set_uint(batch, COL_flow_end, 1, (uint64_t)-5);
	feed_batch(a, batch);
	r = result_of(a, 0);
	assert_true(measure(r, 0, 0).ns == START_NS + 999 + 7);
	assert_true(measure(r, 0, 1).ns == -7);
	assert_true(measure(r, 0, 2).ns == START_NS + 999);
	aggregate_result_free(r);
	aggregate_free(a);
	batch_free(batch);
}

static void
rates_of_bins_are_by_their_width(void **state)
{
	struct aggregate_output o = output_of("", "bps,octets");
	struct batch *batch = flows_of(5);
	struct aggregate_result *r;
	struct aggregate *a;

	(void)state;
	o.bin_ns = 300 * SECOND_NS;
	a = aggregate_of(&o, 1);
	feed_batch(a, batch);
	r = result_of(a, 0);
	assert_int_equal(r->nrows, 1);
	assert_true(measure(r, 0, 0).real == 50 * 8 / 300.0);
	/* All flows are at one instant. */
	assert_int_equal(measure(r, AGGREGATE_TOTAL, 0).kind, VALUE_NONE);
	aggregate_result_free(r);
	aggregate_free(a);
	batch_free(batch);
}

static void
negative_times_are_keys_in_order(void **state)
{
	static const int64_t ascending[] = { INT64_MIN, -5, 0, 3, START_NS };
	struct aggregate_output o = output_of("event_time", "flows");
	struct aggregate *a = aggregate_of(&o, 1);
	struct batch *batch = flows_of(5);
	struct aggregate_result *r;

	(void)state;
	for (size_t i = 0; i < 5; i++)
		batch_set_uint(batch, COL_event_time, i * 3 % 5,
		    (uint64_t)ascending[i]);
	feed_batch(a, batch);
	r = result_of(a, 0);
	assert_int_equal(r->nrows, 5);
	for (size_t i = 0; i < 5; i++)
		assert_true((int64_t)key_of(r, i, 0).lo == ascending[i]);
	aggregate_result_free(r);
	aggregate_free(a);
	batch_free(batch);
}

static void
sums_that_are_too_large_are_said(void **state)
{
	struct aggregate_output o[] = { output_of("dst_port", "octets"),
		output_of("dst_port", "sum(duration)") };
	struct aggregate *a = aggregate_of(o, 2);
	struct batch *batch = flows_of(2);
	struct aggregate_result *r;

	(void)state;
	for (size_t row = 0; row < 2; row++) {
		batch_set_uint(batch, COL_dst_port, row, row);
		batch_set_uint(batch, COL_octets, row, UINT64_MAX / 2 + 5);
		batch_set_uint(batch, COL_flow_start, row,
		    (uint64_t)(INT64_MIN / 2));
		batch_set_uint(
		    batch, COL_flow_end, row, INT64_MAX / 2);
	}
	/* Neither group is too large, but both together are. */
	feed_batch(a, batch);
	for (unsigned i = 0; i < 2; i++) {
		r = result_of(a, i);
		assert_int_equal(r->nrows, 2);
		assert_true(r->notes.saturated);
		aggregate_result_free(r);
	}
	aggregate_free(a);
	a = aggregate_of(o, 2);
	bitmap_clear(batch->selected, 1);
	feed_batch(a, batch);
	for (unsigned i = 0; i < 2; i++) {
		r = result_of(a, i);
		assert_false(r->notes.saturated);
		aggregate_result_free(r);
	}
	aggregate_free(a);
	batch_free(batch);
}

/* --- Notes --- */

static void
notes_count_each_flow_once(void **state)
{
	struct aggregate_output o[] = { output_of("", "octets"),
		output_of("dst_port", "flows"), output_of("host", "flows") };
	struct batch *batch = flows_of(10);
	struct aggregate *a;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		o[i].bin_ns = (i + 1) * 60 * (uint64_t)SECOND_NS;
	a = aggregate_of(o, 3);
	/* No time at all, and all the time there is. */
	bitmap_clear(batch->col[COL_recv_time].valid, 3);
	bitmap_clear(batch->col[COL_recv_time].valid, 4);
	batch_set_uint(batch, COL_flow_start, 5, 0);
	batch_set_uint(batch, COL_flow_end, 5, (uint64_t)START_NS);
	feed_batch(a, batch);
	for (unsigned i = 0; i < 3; i++) {
		struct aggregate_result *r = result_of(a, i);

		assert_true(r->notes.flows == 10);
		assert_true(r->notes.timeless == 2);
		assert_true(r->notes.too_long == 1);
		assert_true(r->notes.unscaled == 0);
		/* A flow that is too long is in its last bin. */
		assert_int_equal(r->nrows, 1);
		assert_true(
		    key_of(r, 0, 0).lo / 3600000000000 ==
		    (uint64_t)START_NS / 3600000000000);
		aggregate_result_free(r);
	}
	aggregate_free(a);
	batch_free(batch);
}

static void
octets_are_scaled_by_the_rate_of_each_flow(void **state)
{
	struct aggregate_output o = output_of("", "octets,packets,flows,bpp");
	const struct aggregate_plan plan = { .outputs = &o,
		.noutputs = 1,
		.scale = true };
	struct flowd_error err;
	struct aggregate *a = aggregate_new(&plan, &err);
	struct batch *batch = flows_of(4);
	struct aggregate_result *r;

	(void)state;
	for (size_t row = 0; row < 3; row++) {
		batch_set_uint(batch, COL_packets, row, 2);
		batch_set_uint(
		    batch, COL_sampling_interval, row, row * 500);
	}
	feed_batch(a, batch);
	r = result_of(a, 0);
	assert_true(uint_of(r, 0, 0) == 10 + 5000 + 10000 + 10);
	assert_true(uint_of(r, 0, 1) == 2 + 1000 + 2000);
	assert_true(uint_of(r, 0, 2) == 4);
	assert_true(r->notes.unscaled == 1);
	aggregate_result_free(r);
	aggregate_free(a);
	batch_free(batch);
}

/* --- Bins with a limit --- */

/*
 * Port p has 10 * (p + 1) octets in the bins 0 to 4, but port 0 has 1000 in
 * bin 2, and port 1 has 77 in the last.
 */
static struct batch *
series_flows(void)
{
	struct batch *batch = flows_of(50);

	for (size_t row = 0; row < 50; row++) {
		uint64_t port = row % 10, bin = row / 10;
		uint64_t octets = 10 * (port + 1);

		if (port == 0 && bin == 2)
			octets = 200;
		if (port == 1 && bin == 4)
			octets = 177;
		batch_set_uint(batch, COL_recv_time, row,
		    (uint64_t)START_NS + bin * 3600 * (uint64_t)SECOND_NS);
		batch_set_uint(batch, COL_dst_port, row, port);
		batch_set_uint(batch, COL_octets, row, octets);
	}
	return batch;
}

/* The ports of a bin after the other, '*' for the others. */
static void
assert_series(unsigned series, const char *want)
{
	struct aggregate_output o = output_of("dst_port", "octets,flows");
	struct batch *batch = series_flows();
	struct aggregate_result *r;
	struct aggregate *a;
	uint64_t sum = 0;
	int64_t last = 0;
	char got[64] = "";
	size_t n = 0;

	o.order = 0;
	o.limit = 2;
	o.series = (uint8_t)series;
	o.bin_ns = 3600 * (uint64_t)SECOND_NS;
	a = aggregate_of(&o, 1);
	feed_batch(a, batch);
	r = result_of(a, 0);
	for (size_t row = 0; row < r->nrows; row++) {
		int64_t ns = (int64_t)key_of(r, row, 0).lo;

		if (n > 0 && ns != last)
			got[n++] = ' ';
		assert_true(ns >= last);
		last = ns;
		sum += uint_of(r, row, 1);
		got[n++] = aggregate_is_other(r, row)
		    ? '*'
		    : (char)('0' + (int)key_of(r, row, 1).lo);
	}
	assert_string_equal(got, want);
	assert_true(sum == 50);
	assert_true(uint_of(r, AGGREGATE_TOTAL, 1) == 50);
	aggregate_result_free(r);
	aggregate_free(a);
	batch_free(batch);
}

static void
a_limit_with_bins_is_of_each_or_of_all(void **state)
{
	(void)state;
	assert_series(SERIES_EACH, "98* 98* 09* 98* 19*");
	/* 500 and 450 octets, and port 1 only 237. */
	assert_series(SERIES_AVERAGE, "98* 98* 98* 98* 98*");
	assert_series(SERIES_MAX, "01* 01* 01* 01* 01*");
	assert_series(SERIES_LAST, "19* 19* 19* 19* 19*");
}

/* --- Errors --- */

static void
plans_that_cannot_be_are_refused(void **state)
{
	struct aggregate_output o = output_of(
	    "tos,vlan,tag,src_as,dst_as,src_mask,pair", "flows");
	static const uint64_t widths[] = { 1, SECOND_NS - 1,
		400 * 86400 * (uint64_t)SECOND_NS, UINT64_MAX };
	struct aggregate_plan plan = { .outputs = &o, .noutputs = 1 };
	struct flowd_error err = { "" };
	struct aggregate *a;

	(void)state;
	assert_int_equal(o.key.nparts, KEY_PARTS);
	a = aggregate_new(&plan, &err);
	assert_non_null(a);
	aggregate_free(a);
	o.bin_ns = 3600 * (uint64_t)SECOND_NS;
	assert_null(aggregate_new(&plan, &err));
	assert_string_equal(err.text, "a key has at most 7 parts");
	o = output_of("", "flows");
	for (unsigned i = 0; i < 4; i++) {
		o.bin_ns = widths[i];
		err.text[0] = '\0';
		assert_null(aggregate_new(&plan, &err));
		assert_non_null(strstr(err.text, "time bin"));
	}
	aggregate_free(NULL);
	aggregate_result_free(NULL);
}

/* A batch of so many flows of a host each. */
static void
fill_hosts(struct batch *batch, uint32_t first)
{
	batch_reset(batch);
	(void)batch_append(batch, BATCH_ROWS);
	for (uint32_t row = 0; row < BATCH_ROWS; row++) {
		set_host(batch, COL_src_addr, row, first + row);
		batch_set_uint(batch, COL_octets, row, first + row);
	}
}

static int
feed_hosts(struct aggregate *a, uint32_t nbatches, struct flowd_error *err)
{
	struct batch *batch = batch_new(BATCH_ROWS);
	struct feed f;
	int bad = 0;

	feed_begin(&f, a);
	for (uint32_t i = 0; i < nbatches && bad == 0; i++) {
		fill_hosts(batch, i * BATCH_ROWS);
		bad = feed_put(&f, batch, err);
	}
	if (bad == 0)
		bad = aggregate_consumer.emit(a, f.partial, err);
	aggregate_consumer.drop(f.partial);
	aggregate_consumer.end(f.state);
	batch_free(batch);
	return bad;
}

static struct aggregate *
limited(const struct aggregate_output *o, size_t memory, int fd)
{
	const struct aggregate_plan plan = { .outputs = o,
		.noutputs = 1,
		.memory = memory,
		.spill_fd = fd,
		.seed = 99 };
	struct flowd_error err;

	return aggregate_new(&plan, &err);
}

static void
more_groups_than_memory_are_an_error_or_go_to_a_file(void **state)
{
	const struct aggregate_output o = output_of("src_addr", "octets");
	const struct aggregate_output keeps = output_of(
	    "src_addr", "distinct(octets)");
	const uint64_t hosts = 150 * BATCH_ROWS;
	struct flowd_error err = { "" };
	FILE *file = tmpfile();
	struct aggregate_result *r;
	struct aggregate *a;

	(void)state;
	assert_non_null(file);
	a = limited(&o, 3000000, -1);
	assert_int_equal(feed_hosts(a, 150, &err), FLOWD_ENOMEM);
	assert_non_null(strstr(err.text, "3 MB of memory"));
	aggregate_free(a);
	a = limited(&keeps, 3000000, fileno(file));
	assert_int_equal(feed_hosts(a, 150, &err), FLOWD_ENOMEM);
	aggregate_free(a);
	a = limited(&o, 3000000, fileno(file));
	assert_int_equal(feed_hosts(a, 150, &err), 0);
	assert_int_equal(feed_hosts(a, 75, &err), 0);
	r = result_of(a, 0);
	assert_true(r->nrows == hosts);
	assert_true(uint_of(r, AGGREGATE_TOTAL, 0) ==
	    hosts * (hosts - 1) / 2 + hosts / 2 * (hosts / 2 - 1) / 2);
	for (size_t row = 0; row < r->nrows; row += 997) {
		uint64_t host = row, want = host < hosts / 2 ? 2 : 1;

		assert_true(key_of(r, row, 0).lo == (0x0a000000 | host));
		assert_true(uint_of(r, row, 0) == want * host);
	}
	aggregate_result_free(r);
	aggregate_free(a);
	(void)fclose(file);
}

/* --- Logs, by several threads --- */

struct log {
	char folder[FOLDER_PATH];
	char path[FOLDER_PATH + 16];
};

static void
log_batches(struct batches *b)
{
	*b = (struct batches){ .random = { 4711 },
		.gaps = 10,
		.v6 = 60,
		.unselected = 20,
		.hosts = 20000,
		.longest_ns = 400 * SECOND_NS };
}

/* The i-th batch of the log; without garbage that costs time. */
static void
log_fill(struct batches *b, struct batch *batch)
{
	struct colset columns = batches_columns();

	batch_reset(batch);
	(void)batch_append(batch, BATCH_ROWS);
	for (size_t row = 0; row < BATCH_ROWS; row++) {
		if (batches_chance(b, b->unselected))
			bitmap_clear(batch->selected, row);
		batches_put_times(b, batch, row);
		for (unsigned col = 0; col < COL_COUNT; col++)
			if (colset_has(&columns, col) &&
			    !batches_chance(b, b->gaps))
				batches_put(b, batch, col, row);
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
	struct batches b;
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
		struct batches b;

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
	const size_t most = (size_t)LOG_BATCHES * BATCH_ROWS;
	struct aggregate_output values = output_of("octets", "flows");
	struct aggregate *exact = aggregate_of(&values, 1);
	struct aggregate_result *r, *all;
	uint64_t distinct = 0, got, rank = 0, n = 0, want = 0;

	(void)most;
	run_log(a, *state, 2);
	run_log(exact, *state, 2);
	r = result_of(a, 0);
	all = result_of(exact, 0);
	for (size_t row = 0; row < all->nrows; row++)
		distinct += key_of(all, row, 0).presence != KEY_ABSENT;
	got = uint_of(r, 0, 0);
	assert_true(measure(r, 0, 0).estimate);
	assert_in_range(got, distinct - distinct * 33 / 1000,
	    distinct + distinct * 33 / 1000);
	assert_true(uint_of(r, 0, 2) == 9);
	assert_false(measure(r, 0, 2).estimate);
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
	assert_true(measure(r, 0, 1).estimate);
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
		cmocka_unit_test(no_flows_are_no_groups_and_a_total_of_nothing),
		cmocka_unit_test(keys_without_measures_are_a_list),
		cmocka_unit_test(a_flow_counts_for_each_end_once),
		cmocka_unit_test(groups_are_in_order_and_ties_by_their_keys),
		cmocka_unit_test(a_limit_leaves_the_others_to_one_row),
		cmocka_unit_test(having_lets_groups_pass),
		cmocka_unit_test(measures_of_three_flows),
		cmocka_unit_test(a_span_is_exact),
		cmocka_unit_test(rates_of_bins_are_by_their_width),
		cmocka_unit_test(negative_times_are_keys_in_order),
		cmocka_unit_test(sums_that_are_too_large_are_said),
		cmocka_unit_test(notes_count_each_flow_once),
		cmocka_unit_test(octets_are_scaled_by_the_rate_of_each_flow),
		cmocka_unit_test(a_limit_with_bins_is_of_each_or_of_all),
		cmocka_unit_test(plans_that_cannot_be_are_refused),
		cmocka_unit_test(
		    more_groups_than_memory_are_an_error_or_go_to_a_file),
		cmocka_unit_test(threads_and_outputs_do_not_change_results),
		cmocka_unit_test(groups_of_a_log_are_those_of_a_slow_map),
		cmocka_unit_test(results_stay_while_more_is_taken_in),
		cmocka_unit_test(estimates_of_a_log_are_near),
	};

	return cmocka_run_group_tests(tests, log_write, log_remove);
}
