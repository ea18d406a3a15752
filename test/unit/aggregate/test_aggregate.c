/* Aggregates: plans, both ends of flows, notes, and memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "aggregate_fixture.h"

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
			    row_measure(r, rows[i], m).kind, VALUE_NONE);
		assert_true(uint_of(r, rows[i], 8) == 0);
		assert_int_equal(row_measure(r, rows[i], 9).kind, VALUE_NONE);
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

/* --- Errors --- */

static void
plans_that_cannot_be_are_refused(void **state)
{
	struct aggregate_output o = output_of(
	    "tos,vlan,tag,src_as,dst_as,src_mask,pair", "flows");
	static const uint64_t widths[] = { 1, SECOND_NS - 1,
		400 * 86400 * (uint64_t)SECOND_NS, UINT64_MAX };
	struct aggregate_plan plan = { .outputs = &o, .noutputs = 1 };
	struct flowd_error err = { .text = "" };
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
aggregate_limited(const struct aggregate_output *o, size_t memory, int fd)
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
	struct flowd_error err = { .text = "" };
	FILE *file = tmpfile();
	struct aggregate_result *r;
	struct aggregate *a;

	(void)state;
	assert_non_null(file);
	a = aggregate_limited(&o, 3000000, -1);
	assert_int_equal(feed_hosts(a, 150, &err), FLOWD_ENOMEM);
	assert_non_null(strstr(err.text, "3 MB of memory"));
	aggregate_free(a);
	a = aggregate_limited(&keeps, 3000000, fileno(file));
	assert_int_equal(feed_hosts(a, 150, &err), FLOWD_ENOMEM);
	aggregate_free(a);
	a = aggregate_limited(&o, 3000000, fileno(file));
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_flows_are_no_groups_and_a_total_of_nothing),
		cmocka_unit_test(keys_without_measures_are_a_list),
		cmocka_unit_test(a_flow_counts_for_each_end_once),
		cmocka_unit_test(negative_times_are_keys_in_order),
		cmocka_unit_test(sums_that_are_too_large_are_said),
		cmocka_unit_test(notes_count_each_flow_once),
		cmocka_unit_test(octets_are_scaled_by_the_rate_of_each_flow),
		cmocka_unit_test(plans_that_cannot_be_are_refused),
		cmocka_unit_test(
		    more_groups_than_memory_are_an_error_or_go_to_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
