/* Peaks of sequence counters: lib/decode/exporter/peak.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "exporters.h"
#include "peak.h"

static void
peak_does_not_fall_when_counters_do(void **unused)
{
	struct sequence_peak peak = { 0, 0, 0, 0 };
	struct decode_counters c = { .lost = 10, .late = 1, .restarts = 2 };

	(void)unused;
	peak_raise(&peak, &c);
	/* What was missing arrives late. */
	c.lost = 4;
	c.late = 7;
	peak_raise(&peak, &c);
	assert_int_equal(peak.lost, 10);
	assert_int_equal(peak.late, 7);
	assert_int_equal(peak.restarts, 2);
	/* More arrives late than was known to be missing. */
	c.lost = (uint64_t)-3;
	peak_raise(&peak, &c);
	assert_int_equal(peak.lost, 10);
	peak_put(&peak, &c);
	assert_int_equal(c.lost, 10);
	assert_int_equal(c.late, 7);
	assert_int_equal(c.repeated, 0);
}

static void
peaks_of_several_are_added(void **unused)
{
	struct sequence_peak sum = { 1, 2, 3, 4 };

	(void)unused;
	peak_add(&sum, &(struct sequence_peak) { 10, 20, 30, 40 });
	assert_int_equal(sum.lost, 11);
	assert_int_equal(sum.late, 22);
	assert_int_equal(sum.repeated, 33);
	assert_int_equal(sum.restarts, 44);
}

static void
peak_of_an_exporter_is_kept_when_it_is_read(void **unused)
{
	struct exporters all;
	struct addr a = addr_from_v4(1);
	struct exporter *x;

	(void)unused;
	assert_true(exporters_init(&all, NULL, 1));
	x = exporter_get(&all, &a, 1);
	x->counters.lost = 5;
	x->counters.flows = 9;
	assert_int_equal(exporter_peaks(x).lost, 5);
	x->counters.lost = 1;
	assert_int_equal(exporter_peaks(x).lost, 5);
	assert_int_equal(exporter_peaks(x).flows, 9);
	exporters_fini(&all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(peak_does_not_fall_when_counters_do),
		cmocka_unit_test(peaks_of_several_are_added),
		cmocka_unit_test(peak_of_an_exporter_is_kept_when_it_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
