/* Encoders, from rows to units: flowd/engine/encoder.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "encoder.h"
#include "unit.h"

enum { NUMBER = 7, FLUSH_MS = 500, SECOND = 1000 };

/* What was handed out; the flows in it are counted anew. */
static struct {
	unsigned times;
	size_t last_len;
	uint64_t octets, flows, last_flows, through;
	enum unit_kind kind;
	struct encoder encoder;
	struct batch *batch;
} t;

static void
units_deliver(unsigned number, struct bytes units, uint64_t flows,
    uint64_t through, void *arg)
{
	uint64_t found = 0;

	assert_ptr_equal(arg, &t);
	assert_int_equal(number, NUMBER);
	assert_int_equal(unit_whole(t.kind, units, &found), units.len);
	assert_int_equal(found, flows);
	assert_true(through >= t.through);
	t.times++;
	t.last_len = units.len;
	t.last_flows = flows;
	t.octets += units.len;
	t.flows += flows;
	t.through = through;
}

static const struct encoder_sink sink = { units_deliver, &t };

static void
encoder_begin(enum unit_kind kind)
{
	t.times = 0;
	t.octets = t.flows = t.last_flows = t.through = 0;
	t.kind = kind;
	t.batch = batch_new(BATCH_ROWS);
	assert_non_null(t.batch);
}

static int
setup_records(void **state)
{
	(void)state;
	encoder_begin(UNIT_RECORDS);
	encoder_init_records(&t.encoder, NUMBER, &sink, ~UINT32_C(0));
	return 0;
}

static int
setup_blocks(void **state)
{
	const struct block_options options = {
		.compression = COMPRESS_NONE };

	(void)state;
	encoder_begin(UNIT_BLOCKS);
	assert_true(encoder_init_blocks(
	    &t.encoder, NUMBER, &sink, &options, FLUSH_MS));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	encoder_fini(&t.encoder);
	batch_free(t.batch);
	return 0;
}

/* Rows as of a datagram of version 5, in a batch of their own. */
static void
batch_fill(size_t n)
{
	static const struct addr a = { .family = ADDR_V4 };

	batch_reset(t.batch);
	(void)batch_append(t.batch, n);
	batch_fill_addr(t.batch, COL_src_addr, 0, n, &a);
	batch_fill_addr(t.batch, COL_dst_addr, 0, n, &a);
	for (size_t i = 0; i < n; i++)
		batch_set_uint(t.batch, COL_octets, i, i + 1);
}

static void
datagrams_add(size_t n, uint64_t through, int64_t now_ms)
{
	batch_fill(n);
	encoder_add(&t.encoder, t.batch, through, now_ms);
}

static void
records_go_out_when_they_are_flushed(void **state)
{
	(void)state;
	datagrams_add(30, 1, 0);
	datagrams_add(20, 2, 0);
	assert_int_equal(t.times, 0);
	encoder_flush(&t.encoder, 3, 0);
	assert_int_equal(t.times, 1);
	assert_int_equal(t.flows, 50);
	assert_int_equal(t.through, 3);
	assert_true(t.octets > 0);
}

/* Without a flush; and what came after that is not in it. */
static void
records_go_out_when_they_are_many(void **state)
{
	uint64_t through = 0;

	(void)state;
	while (t.times == 0) {
		datagrams_add(BATCH_ROWS, ++through, 0);
		assert_true(through < 1000);
	}
	assert_true(t.octets >= 1024 * 1024);
	assert_int_equal(t.flows, through * BATCH_ROWS);
	assert_int_equal(t.through, through);
	datagrams_add(1, through + 1, 0);
	assert_int_equal(t.times, 1);
	encoder_finish(&t.encoder, through + 1);
	assert_int_equal(t.last_flows, 1);
}

/* Datagrams of which nothing is stored are reported, and only once. */
static void
what_goes_by_is_through(void **state)
{
	(void)state;
	encoder_flush(&t.encoder, 5, 0);
	assert_int_equal(t.times, 1);
	assert_int_equal(t.octets, 0);
	assert_int_equal(t.through, 5);
	encoder_flush(&t.encoder, 5, 0);
	encoder_finish(&t.encoder, 5);
	assert_int_equal(t.times, 1);
	encoder_flush(&t.encoder, 6, 0);
	assert_int_equal(t.times, 2);
	assert_int_equal(t.through, 6);
}

static void
rows_that_are_not_selected_stay_out(void **state)
{
	(void)state;
	batch_fill(100);
	for (size_t i = 0; i < 90; i++)
		bitmap_clear(t.batch->selected, i);
	encoder_add(&t.encoder, t.batch, 1, 0);
	encoder_finish(&t.encoder, 1);
	assert_int_equal(t.flows, 10);
}

static void
what_a_record_cannot_hold_is_counted(void **state)
{
	static const struct addr unknown = { .family = ADDR_NONE };

	(void)state;
	batch_fill(10);
	batch_set_addr(t.batch, COL_dst_addr, 3, &unknown);
	encoder_add(&t.encoder, t.batch, 1, 0);
	encoder_flush(&t.encoder, 1, 0);
	assert_int_equal(t.flows, 9);
	assert_int_equal(t.encoder.losses.unstorable, 1);
	assert_int_equal(t.encoder.losses.lost, 0);
}

/* It is not said before that its datagrams are through. */
static void
a_block_goes_out_when_its_first_flow_has_waited(void **state)
{
	(void)state;
	datagrams_add(10, 1, SECOND);
	assert_int_equal(t.encoder.due_ms, SECOND + FLUSH_MS);
	encoder_flush(&t.encoder, 1, SECOND);
	datagrams_add(10, 2, SECOND + FLUSH_MS - 1);
	encoder_flush(&t.encoder, 3, SECOND + FLUSH_MS - 1);
	assert_int_equal(t.times, 0);
	encoder_flush(&t.encoder, 3, SECOND + FLUSH_MS);
	assert_int_equal(t.flows, 20);
	assert_int_equal(t.through, 3);
	assert_int_equal(t.encoder.due_ms, 0);
	/* Nothing waits: nothing holds up what is through. */
	encoder_flush(&t.encoder, 4, SECOND + FLUSH_MS);
	assert_int_equal(t.through, 4);
	assert_int_equal(t.flows, 20);
}

/* A block that is full ends with the rows of the batch before. */
static void
rows_of_a_batch_stay_together(void **state)
{
	uint64_t through = 0;

	(void)state;
	while (t.times == 0) {
		datagrams_add(2000, ++through, SECOND);
		assert_true(through < 1000);
	}
	assert_int_equal(t.flows, (through - 1) * 2000);
	assert_true(t.flows <= BLOCK_ROWS && t.flows + 2000 > BLOCK_ROWS);
	assert_int_equal(t.through, through - 1);
	encoder_finish(&t.encoder, through);
	assert_int_equal(t.flows, through * 2000);
	assert_int_equal(t.through, through);
}

static void
no_block_is_made_of_nothing(void **state)
{
	(void)state;
	batch_fill(10);
	for (size_t i = 0; i < 10; i++)
		bitmap_clear(t.batch->selected, i);
	encoder_add(&t.encoder, t.batch, 1, SECOND);
	assert_int_equal(t.encoder.due_ms, 0);
	encoder_finish(&t.encoder, 1);
	assert_int_equal(t.times, 1);
	assert_int_equal(t.octets, 0);
	assert_int_equal(t.through, 1);
}

int
main(void)
{
#define RECORDS(name) \
	cmocka_unit_test_setup_teardown(name, setup_records, teardown)
#define BLOCKS(name) \
	cmocka_unit_test_setup_teardown(name, setup_blocks, teardown)
	const struct CMUnitTest tests[] = {
		RECORDS(records_go_out_when_they_are_flushed),
		RECORDS(records_go_out_when_they_are_many),
		RECORDS(what_goes_by_is_through),
		RECORDS(rows_that_are_not_selected_stay_out),
		RECORDS(what_a_record_cannot_hold_is_counted),
		BLOCKS(rows_that_are_not_selected_stay_out),
		BLOCKS(a_block_goes_out_when_its_first_flow_has_waited),
		BLOCKS(rows_of_a_batch_stay_together),
		BLOCKS(no_block_is_made_of_nothing),
	};

	return cmocka_run_group_tests_name("encoder", tests, NULL, NULL);
}
