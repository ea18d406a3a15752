/* Flow times from uptimes: lib/decode/wire/flow_times.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../batch_fixture.h"
#include "flow_times.h"

static const int64_t s_ns = 1000000000;
static const int64_t ms_ns = 1000000;

/* Derives the times of one row with these uptimes. */
static void
finish_one(uint16_t version, uint8_t derive, const int64_t *started,
    int64_t export_ns, uint32_t now_ms, uint32_t start_ms)
{
	const struct plan plan = { .derive = derive };
	const struct message m = {
		.version = &versions[version_find(version)],
		.export_ns = export_ns,
		.uptime_ms = now_ms,
	};

	batch_reset(batch);
	(void)batch_append(batch, 1);
	batch_set_uint(batch, COL_flow_start_uptime_ms, 0, start_ms);
	flow_times_derive(&plan, &m, started, batch, 0, 1);
}

static int64_t
start_ns(void)
{
	return (int64_t)batch_uint(batch, COL_flow_start, 0);
}

static void
finish_subtracts_uptimes_across_their_wrap(void **unused)
{
	(void)unused;
	finish_one(9, DERIVE_START, NULL, 1000 * s_ns, 5000, 3000);
	assert_int_equal(start_ns(), 998 * s_ns);
	finish_one(9, DERIVE_START, NULL, 1000 * s_ns, 50, UINT32_MAX - 49);
	assert_int_equal(start_ns(), 1000 * s_ns - 100 * ms_ns);
	/* A flow that starts after the datagram: read as signed. */
	finish_one(9, DERIVE_START, NULL, 1000 * s_ns, 50, 51);
	assert_int_equal(start_ns(), 1000 * s_ns + ms_ns);
}

static void
finish_adds_uptimes_to_the_start_of_an_ipfix_exporter(void **unused)
{
	const int64_t known = 100 * s_ns;
	const int64_t wrap_ns = ms_ns << 32;

	(void)unused;
	finish_one(10, DERIVE_START, NULL, 1000 * s_ns, 0, 5000);
	assert_false(batch_has(batch, COL_flow_start, 0));
	assert_false(batch_has(batch, COL_sys_uptime_ms, 0));
	finish_one(10, DERIVE_START, &known, 1000 * s_ns, 0, 5000);
	assert_int_equal(start_ns(), 105 * s_ns);
	assert_int_equal(batch_uint(batch, COL_sys_uptime_ms, 0), 900000);
	/* After three wraps of 49.7 days. */
	finish_one(10, DERIVE_START, &known, 3 * wrap_ns + 200 * s_ns, 0,
	    5000);
	assert_int_equal(start_ns(), 3 * wrap_ns + 105 * s_ns);
	/* The flow starts before the last wrap, the export is after it. */
	finish_one(10, DERIVE_START, &known, wrap_ns + 101 * s_ns, 0,
	    UINT32_MAX);
	assert_int_equal(start_ns(), wrap_ns + 100 * s_ns - ms_ns);
}

static void
finish_survives_a_start_at_the_end_of_time(void **unused)
{
	const int64_t known = INT64_MAX - 5;

	(void)unused;
	finish_one(10, DERIVE_START, &known, 1000 * s_ns, 0, UINT32_MAX);
	assert_true(batch_has(batch, COL_flow_start, 0));
}

/* Two rows with an uptime; the first has a time already. */
static void
finish_rest(uint16_t version, const int64_t *started)
{
	const struct plan plan = { .derive = DERIVE_START_REST };
	const struct message m = { .version = &versions[version_find(version)],
		.export_ns = 100 * s_ns, .uptime_ms = 50000 };

	batch_reset(batch);
	(void)batch_append(batch, 3);
	batch_fill_uint(batch, COL_flow_start_uptime_ms, 0, 2, 40000);
	batch_set_uint(batch, COL_flow_start, 0, (uint64_t)(7 * s_ns));
	flow_times_derive(&plan, &m, started, batch, 0, 3);
}

static void
finish_keeps_the_times_that_there_are(void **unused)
{
	const int64_t known = 50 * s_ns;
	static const uint16_t version[] = { 9, 10 };

	(void)unused;
	for (size_t i = 0; i < 2; i++) {
		finish_rest(version[i], &known);
		assert_int_equal(start_ns(), 7 * s_ns);
		assert_int_equal(batch_uint(batch, COL_flow_start, 1),
		    90 * s_ns);
		assert_false(batch_has(batch, COL_flow_start, 2));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finish_subtracts_uptimes_across_their_wrap),
		cmocka_unit_test(
		    finish_adds_uptimes_to_the_start_of_an_ipfix_exporter),
		cmocka_unit_test(finish_survives_a_start_at_the_end_of_time),
		cmocka_unit_test(finish_keeps_the_times_that_there_are),
	};

	return cmocka_run_group_tests(tests, batch_setup,
	    batch_teardown);
}
