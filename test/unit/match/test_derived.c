/* Derived columns at their edges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../batch_fixture.h"
#include "derived.h"

static uint64_t
derived_value(unsigned col)
{
	uint64_t out[64];

	derive(col, batch, out);
	return out[0];
}

static void
flow_set(int64_t start, int64_t end, uint64_t packets, uint64_t octets)
{
	batch_reset(batch);
	(void)batch_append(batch, 1);
	batch_set_uint(batch, COL_flow_start, 0, (uint64_t)start);
	batch_set_uint(batch, COL_flow_end, 0, (uint64_t)end);
	batch_set_uint(batch, COL_packets, 0, packets);
	batch_set_uint(batch, COL_octets, 0, octets);
}

static void
a_flow_without_values_has_none(void **unused)
{
	(void)unused;
	batch_reset(batch);
	(void)batch_append(batch, 1);
	for (unsigned col = COL_duration; col <= COL_bpp; col++)
		assert_int_equal(derived_value(col), 0);
	assert_int_equal(derived_value(COL_weekday), 4); /* 1970-01-01 */
	assert_int_equal(derived_value(COL_day_second), 0);
}

static void
rates_are_over_the_duration(void **unused)
{
	(void)unused;
	flow_set(1000000000, 3000000000, 10, 1500);
	assert_int_equal(derived_value(COL_duration), 2000000000);
	assert_int_equal(derived_value(COL_bps), 6000);
	assert_int_equal(derived_value(COL_pps), 5);
	assert_int_equal(derived_value(COL_bpp), 150);
	flow_set(5, 5, 10, 1500);
	assert_int_equal(derived_value(COL_bps), 0);
	flow_set(5, 4, 10, 1500);
	assert_int_equal(derived_value(COL_duration), 0);
}

static void
large_numbers_do_not_wrap(void **unused)
{
	(void)unused;
	flow_set(0, 1, UINT64_MAX, UINT64_MAX);
	assert_int_equal(derived_value(COL_bps), UINT64_MAX);
	assert_int_equal(derived_value(COL_pps), UINT64_MAX);
	assert_int_equal(derived_value(COL_bpp), 1);
	flow_set(INT64_MIN, INT64_MAX, 1, UINT64_C(1) << 40);
	assert_int_equal(derived_value(COL_duration), UINT64_MAX);
	assert_int_equal(
	    derived_value(COL_bps), (UINT64_C(1) << 43) / 18446744074);
}

static void
uptimes_wrap(void **unused)
{
	(void)unused;
	batch_reset(batch);
	(void)batch_append(batch, 1);
	batch_set_uint(batch, COL_flow_start_uptime_ms, 0, UINT32_MAX - 99);
	batch_set_uint(batch, COL_flow_end_uptime_ms, 0, 400);
	assert_int_equal(derived_value(COL_duration), 500000000);
	batch_set_uint(batch, COL_flow_start_uptime_ms, 0, 500);
	assert_int_equal(derived_value(COL_duration), 0);
}

static void
times_before_1970_have_a_clock(void **unused)
{
	(void)unused;
	batch_reset(batch);
	(void)batch_append(batch, 1);
	batch_set_uint(batch, COL_recv_time, 0, (uint64_t)INT64_C(-1));
	assert_int_equal(derived_value(COL_day_second), 86399);
	assert_int_equal(derived_value(COL_weekday), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flow_without_values_has_none),
		cmocka_unit_test(rates_are_over_the_duration),
		cmocka_unit_test(large_numbers_do_not_wrap),
		cmocka_unit_test(uptimes_wrap),
		cmocka_unit_test(times_before_1970_have_a_clock),
	};

	return cmocka_run_group_tests(tests, batch_setup,
	    batch_teardown);
}
