/* Results: the order of groups, limits, having, and measures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "aggregate_fixture.h"

/* Ports 0 to 9 have 1, 2, 3, 1, 2, ... flows; ten octets each. */
static struct batch *
batch_of_ports(void)
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
	struct batch *batch = batch_of_ports();
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
with_having(
    struct aggregate_output o, unsigned measure, unsigned test, uint64_t v)
{
	o.having[o.nhaving++] = (struct aggregate_having){
		.measure = (uint8_t)measure,
		.test = (uint8_t)test,
		.uint = v
	};
	return o;
}

static void
having_lets_groups_pass(void **state)
{
	const struct aggregate_output all = ports_by(0, false, 0);

	(void)state;
	assert_ports(with_having(all, 0, HAVING_LESS, 2), "0369", 15);
	assert_ports(with_having(all, 0, HAVING_AT_MOST, 2), "1470369", 9);
	assert_ports(with_having(all, 0, HAVING_EQUAL, 2), "147", 13);
	assert_ports(with_having(all, 0, HAVING_NOT, 2), "2580369", 6);
	assert_ports(with_having(all, 1, HAVING_AT_LEAST, 20), "258147", 4);
	assert_ports(with_having(all, 1, HAVING_MORE, 20), "258", 10);
	assert_ports(with_having(with_having(all, 0, HAVING_MORE, 1), 1,
			 HAVING_LESS, 30),
	    "147", 13);
	assert_ports(
	    with_having(ports_by(0, false, 2), 0, HAVING_LESS, 3), "14", 15);
	/* What has no value passes no test. */
	assert_ports(with_having(all, 2, HAVING_NOT, 5), "", 19);
}

/* Integers are compared as such: a double has not all of these. */
static void
having_is_exact(void **state)
{
	const uint64_t n = UINT64_C(1) << 53;
	static const struct {
		unsigned test;
		bool fraction;
		size_t nrows;
	} cases[] = {
		{ HAVING_LESS, false, 1 },
		{ HAVING_AT_MOST, false, 2 },
		{ HAVING_EQUAL, false, 1 },
		{ HAVING_NOT, false, 2 },
		{ HAVING_AT_LEAST, false, 2 },
		{ HAVING_MORE, false, 1 },
		{ HAVING_LESS, true, 2 },
		{ HAVING_AT_MOST, true, 2 },
		{ HAVING_EQUAL, true, 0 },
		{ HAVING_NOT, true, 3 },
		{ HAVING_AT_LEAST, true, 1 },
		{ HAVING_MORE, true, 1 },
	};
	struct batch *batch = flows_of(3);

	(void)state;
	for (size_t row = 0; row < 3; row++) {
		batch_set_uint(batch, COL_dst_port, row, row);
		batch_set_uint(batch, COL_octets, row, n + row);
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct aggregate_output o = with_having(
		    output_of("dst_port", "octets"), 0, cases[i].test, n + 1);
		struct aggregate_result *r;
		struct aggregate *a;

		o.having[0].fraction = cases[i].fraction;
		a = aggregate_of(&o, 1);
		feed_batch(a, batch);
		r = result_of(a, 0);
		assert_int_equal(r->nrows, cases[i].nrows);
		aggregate_result_free(r);
		aggregate_free(a);
	}
	batch_free(batch);
}

/* As in SQL, a sum of nothing is there, and is tested as others are. */
static void
without_keys_no_flows_are_a_group(void **state)
{
	const struct aggregate_output all = output_of("", "flows,avg(octets)");
	const struct aggregate_output o[] = { all,
		with_having(all, 0, HAVING_LESS, 1),
		with_having(all, 0, HAVING_MORE, 0) };
	struct aggregate *a = aggregate_of(o, 3);

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct aggregate_result *r = result_of(a, i);

		assert_int_equal(r->nrows, i < 2);
		assert_true(r->ngroups == (i < 2));
		if (i < 2) {
			assert_true(uint_of(r, 0, 0) == 0);
			assert_int_equal(row_measure(r, 0, 1).kind, VALUE_NONE);
		}
		aggregate_result_free(r);
	}
	aggregate_free(a);
}

/* --- Many groups, which several threads collect --- */

enum { MANY = 100000, MANY_VALUES = 30000 };

/* That of a group by its number. */
static uint64_t
many_value(uint64_t number)
{
	return number * 2654435761u % MANY_VALUES;
}

static void
feed_many(struct aggregate *a)
{
	struct batch *batch = flows_of(BATCH_ROWS);
	struct feed f;

	feed_begin(&f, a);
	for (uint64_t i = 0; i < MANY; i += BATCH_ROWS) {
		for (size_t row = 0; row < BATCH_ROWS; row++) {
			uint64_t number = (i + row) % MANY;

			batch_set_uint(batch, COL_src_port, row, number >> 8);
			batch_set_uint(batch, COL_dst_port, row, number & 255);
			batch_set_uint(batch, COL_octets, row,
			    i + row < MANY ? many_value(number) : 0);
		}
		feed_take(&f, batch);
	}
	feed_end(&f);
	batch_free(batch);
}

/* Each row has the value of its group, and those before it have no less. */
static void
check_many(const struct aggregate_result *r, size_t nrows, uint64_t least)
{
	uint64_t last_number = 0, last = UINT64_MAX, shown = 0, total = 0;
	size_t npass = 0;

	for (uint64_t i = 0; i < MANY; i++) {
		total += many_value(i);
		npass += many_value(i) >= least;
	}
	assert_true(r->ngroups == npass);
	assert_true(r->nrows == (nrows == 0 ? npass : nrows));
	for (size_t row = 0; row < r->nrows; row++) {
		uint64_t number =
		    key_of(r, row, 0).lo << 8 | key_of(r, row, 1).lo;
		uint64_t value = uint_of(r, row, 0);

		assert_true(value == many_value(number));
		assert_true(value < last ||
		    (value == last && number > last_number));
		last = value;
		last_number = number;
		shown += value;
	}
	assert_true(uint_of(r, AGGREGATE_TOTAL, 0) == total);
	assert_true(uint_of(r, AGGREGATE_OTHER, 0) == total - shown);
}

static void
threads_collect_what_one_does(void **state)
{
	static const uint64_t limits[] = { 0, 1, 10, 1000 };

	(void)state;
	for (unsigned i = 0; i < 16; i++) {
		struct aggregate_output o =
		    output_of("src_port,dst_port", "octets,flows");
		const uint64_t least = i % 2 == 0 ? 0 : MANY_VALUES / 2;
		const struct aggregate_plan plan = { .outputs = &o,
			.noutputs = 1,
			.threads = 1u << i / 4 % 3,
			.seed = i };
		struct flowd_error err;
		struct aggregate_result *r;
		struct aggregate *a;

		o.order = 0;
		o.limit = limits[i % 4];
		o.having[0] = (struct aggregate_having){
			.test = HAVING_AT_LEAST, .uint = least };
		o.nhaving = 1;
		a = aggregate_new(&plan, &err);
		assert_non_null(a);
		feed_many(a);
		r = result_of(a, 0);
		check_many(r, o.limit, least);
		aggregate_result_free(r);
		aggregate_free(a);
	}
}

/* Rows of all threads together take memory. */
static void
threads_take_no_more_memory_than_they_may(void **state)
{
	struct aggregate_output o = output_of("src_port,dst_port", "octets");
	struct aggregate_plan plan = { .outputs = &o, .noutputs = 1 };

	(void)state;
	for (unsigned threads = 1; threads < 5; threads++) {
		struct flowd_error err = { .text = "" };
		struct aggregate *a;

		plan.threads = threads;
		plan.result_memory = (size_t)MANY * 40;
		a = aggregate_new(&plan, &err);
		assert_non_null(a);
		feed_many(a);
		assert_null(aggregate_result(a, 0, &err));
		assert_non_null(strstr(err.text, "4000 kB of memory"));
		aggregate_free(a);
	}
}

/* Rows take memory; a limit bounds it. */
static void
rows_take_no_more_memory_than_they_may(void **state)
{
	static const uint64_t bins[] = { 0, 60 * SECOND_NS };
	struct batch *batch = flows_of(BATCH_ROWS);

	(void)state;
	for (size_t row = 0; row < BATCH_ROWS; row++)
		batch_set_uint(batch, COL_dst_port, row, row);
	for (unsigned i = 0; i < 4; i++) {
		struct aggregate_output o = output_of("dst_port", "octets");
		const struct aggregate_plan plan = { .outputs = &o,
			.noutputs = 1,
			.result_memory = 20000 };
		struct flowd_error err = { .text = "" };
		struct aggregate_result *r;
		struct aggregate *a;

		o.bin_ns = bins[i % 2];
		o.limit = i < 2 ? 0 : 10;
		a = aggregate_new(&plan, &err);
		assert_non_null(a);
		feed_batch(a, batch);
		r = aggregate_result(a, 0, &err);
		if (i < 2) {
			assert_null(r);
			assert_non_null(strstr(err.text, "20 kB of memory"));
		} else {
			assert_non_null(r);
			assert_true(r->nrows >= 10);
		}
		aggregate_result_free(r);
		aggregate_free(a);
	}
	batch_free(batch);
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

		assert_true(row_measure(r, row, 0).real == 1137 * 8 / 4.0);
		assert_true(row_measure(r, row, 1).real == 10 / 4.0);
		assert_true(row_measure(r, row, 2).real == 113.7);
		assert_true(row_measure(r, row, 3).ns == 4000000000);
		assert_true(row_measure(r, row, 4).ns == START_NS);
		assert_true(row_measure(r, row, 5).ns == START_NS + 4000000000);
		assert_true(row_measure(r, row, 6).real == 379);
		assert_true(row_measure(r, row, 7).ns == 4500000000);
		assert_true(row_measure(r, row, 8).ns == 3500000000);
		assert_true(row_measure(r, row, 9).ns == 1500000000);
		assert_true(uint_of(r, row, 10) == 100);
		assert_true(uint_of(r, row, 11) == 1000);
		assert_true(uint_of(r, row, 12) == 3);
		assert_true(
		    row_measure(r, row, 13).ns == START_NS + 1000000000);
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
	assert_true(row_measure(r, 0, 0).ns == START_NS + 999 + 7);
	assert_true(row_measure(r, 0, 1).ns == -7);
	assert_true(row_measure(r, 0, 2).ns == START_NS + 999);
	aggregate_result_free(r);
	aggregate_free(a);
	batch_free(batch);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_are_in_order_and_ties_by_their_keys),
		cmocka_unit_test(a_limit_leaves_the_others_to_one_row),
		cmocka_unit_test(having_lets_groups_pass),
		cmocka_unit_test(having_is_exact),
		cmocka_unit_test(without_keys_no_flows_are_a_group),
		cmocka_unit_test(rows_take_no_more_memory_than_they_may),
		cmocka_unit_test(threads_collect_what_one_does),
		cmocka_unit_test(threads_take_no_more_memory_than_they_may),
		cmocka_unit_test(measures_of_three_flows),
		cmocka_unit_test(a_span_is_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
