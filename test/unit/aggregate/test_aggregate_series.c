/* Results with time bins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregate_fixture.h"

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
	assert_true(row_measure(r, 0, 0).real == 50 * 8 / 300.0);
	/* All flows are at one instant. */
	assert_int_equal(row_measure(r, AGGREGATE_TOTAL, 0).kind, VALUE_NONE);
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

/* Keys without a value are last, in whatever order the others are. */
static void
a_series_has_keys_without_a_value_last(void **state)
{
	struct aggregate_output o = output_of("dst_port", "avg(packets)");
	struct batch *batch = flows_of(3);

	(void)state;
	for (size_t row = 0; row < 3; row++)
		batch_set_uint(batch, COL_dst_port, row, row);
	batch_set_uint(batch, COL_packets, 1, 5);
	batch_set_uint(batch, COL_packets, 2, 7);
	o.order = 0;
	o.limit = 1;
	o.series = SERIES_AVERAGE;
	o.bin_ns = 3600 * (uint64_t)SECOND_NS;
	for (unsigned i = 0; i < 2; i++) {
		struct aggregate_result *r;
		struct aggregate *a;

		o.ascending = i == 1;
		a = aggregate_of(&o, 1);
		feed_batch(a, batch);
		r = result_of(a, 0);
		assert_int_equal(r->nrows, 2);
		assert_true(key_of(r, 0, 1).lo == (o.ascending ? 1 : 2));
		aggregate_result_free(r);
		aggregate_free(a);
	}
	batch_free(batch);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_of_bins_are_by_their_width),
		cmocka_unit_test(a_limit_with_bins_is_of_each_or_of_all),
		cmocka_unit_test(a_series_has_keys_without_a_value_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
