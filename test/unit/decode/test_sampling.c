/* Sampling rates of flows, by origin: lib/decode/exporter/sampling.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "exporters_fixture.h"
#include "sampling.h"
#include "scoped_store.h"

enum {
	ROWS = 70		/* more than are looked up at once */
};

static struct stream *s;
static struct batch *batch;
static struct message message;
static struct template template;

static int
setup(void **unused)
{
	(void)unused;
	now_ns = 1;
	message = message_of(10, 0, 0);
	template = (struct template) { .id = 256 };
	exporters_begin(NULL);
	batch = batch_new(128);
	s = stream_get(&all, exporter_at(1), &message,
	    (struct bytes) { NULL, 0 }, 2055);
	assert_non_null(s);
	assert_non_null(batch);
	assert_int_equal(batch_append(batch, ROWS), 0);
	return 0;
}

static int
teardown(void **unused)
{
	batch_free(batch);
	return exporters_end(unused);
}

/* The records have this rate in its column. */
static void
record_rate(size_t row, uint32_t interval)
{
	template.plan.derive = DERIVE_RATE_COLUMN;
	batch_set_uint(batch, COL_sampling_interval, row, interval);
}

static void
options_rate(uint32_t interval)
{
	const struct scope scope = { .n = 0 };

	scoped_set(&all, s, SCOPED_RATE, &scope,
	    scoped_from_rate((struct rate) { interval, 2 }), 1);
}

static void
batch_fill(void)
{
	const struct sampling_rows rows = { &all, s, &message, &template,
		batch, 0, ROWS };

	assert_true(sampling_wanted(&rows));
	sampling_fill(&rows);
}

static uint64_t
rate_of(size_t row)
{
	return batch_has(batch, COL_sampling_interval, row)
	    ? batch_uint(batch, COL_sampling_interval, row)
	    : 0;
}

static void
sampling_is_not_wanted_without_any_rate(void **unused)
{
	const struct sampling_rows rows = { &all, s, &message, &template,
		batch, 0, ROWS };

	(void)unused;
	assert_false(sampling_wanted(&rows));
}

static void
sampling_rate_of_options_data_is_for_all_rows(void **unused)
{
	(void)unused;
	options_rate(100);
	batch_fill();
	assert_int_equal(rate_of(0), 100);
	assert_int_equal(rate_of(ROWS - 1), 100);
	assert_int_equal(batch_uint(batch, COL_sampling_algorithm, 5), 2);
	assert_int_equal(s->counters.sampled, ROWS);
}

/* Exporters send zeros as filler. */
static void
sampling_rate_of_a_record_wins_over_options_data(void **unused)
{
	(void)unused;
	options_rate(100);
	for (size_t r = 0; r < ROWS; r++)
		record_rate(r, r % 2 == 0 ? 10 : 0);
	batch_fill();
	for (size_t r = 0; r < ROWS; r++)
		assert_int_equal(rate_of(r), r % 2 == 0 ? 10 : 100);
	assert_int_equal(s->counters.sampled, ROWS);
	assert_int_equal(s->seen[0].interval, 10);
	assert_int_equal(s->seen[0].flows, ROWS / 2);
}

static void
sampling_rate_of_the_configuration_wins_over_all(void **unused)
{
	const struct decoder_rate rule = { .interval = 7 };

	(void)unused;
	options_rate(100);
	for (size_t r = 0; r < ROWS; r++)
		record_rate(r, 10);
	s->exporter->configured = rule.interval;
	exporter_options_changed(s->exporter);
	batch_fill();
	assert_int_equal(rate_of(0), 7);
	assert_int_equal(rate_of(ROWS - 1), 7);
	assert_int_equal(s->exporter->configured_flows, ROWS);
	/* The rate of the record is still known. */
	assert_int_equal(s->seen[0].interval, 10);
	assert_int_equal(s->seen[0].flows, 0);
}

static void
sampling_rate_with_its_octets_reversed_is_not_used(void **unused)
{
	(void)unused;
	for (size_t r = 0; r < ROWS; r++)
		record_rate(r, UINT32_C(100) << 24);
	batch_fill();
	assert_int_equal(rate_of(0), 0);
	assert_int_equal(s->counters.sampled, 0);
	assert_int_equal(s->counters.bad_rate, ROWS);
}

static void
sampling_rate_that_is_off_is_none(void **unused)
{
	(void)unused;
	options_rate(0);
	batch_fill();
	assert_int_equal(rate_of(0), 0);
	assert_int_equal(s->counters.sampled, 0);
	assert_int_equal(s->counters.bad_rate, 0);
}

static void
sampling_start_is_that_of_options_data(void **unused)
{
	const struct scope scope = { .n = 0 };
	int64_t start_ns = 0;

	(void)unused;
	assert_false(sampling_start(&all, s, 256, &start_ns));
	scoped_set(&all, s, SCOPED_START, &scope, 12345, 1);
	assert_true(sampling_start(&all, s, 256, &start_ns));
	assert_int_equal(start_ns, 12345);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sampling_is_not_wanted_without_any_rate),
		TEST(sampling_rate_of_options_data_is_for_all_rows),
		TEST(sampling_rate_of_a_record_wins_over_options_data),
		TEST(sampling_rate_of_the_configuration_wins_over_all),
		TEST(sampling_rate_with_its_octets_reversed_is_not_used),
		TEST(sampling_rate_that_is_off_is_none),
		TEST(sampling_start_is_that_of_options_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
