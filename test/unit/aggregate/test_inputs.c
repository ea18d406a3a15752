/*
 * What measures are fed with: every input of random batches, with all kinds of
 * missing columns and garbage for what is missing, against each row looked at
 * by itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "random_flows.h"
#include "distinct.h"
#include "flow_time.h"
#include "inputs.h"

enum {
	ROUNDS = 12
};

static const uint8_t inputs[] = { COL_octets, COL_packets, COL_protocol,
	COL_src_port, COL_tag, COL_src_addr, COL_src_mac, COL_recv_time,
	COL_event_time, COL_flow_start, INPUT_BEGIN, INPUT_END,
	INPUT_DURATION };

static uint64_t
slow_scaled(const struct batch *batch, unsigned input, size_t row, uint64_t v)
{
	__extension__ typedef unsigned __int128 wide;
	uint64_t rate = batch_uint(batch, COL_sampling_interval, row);
	wide product = (wide)v * (rate > 1 ? rate : 1);

	if (input != COL_octets && input != COL_packets)
		return v;
	return product > UINT64_MAX ? UINT64_MAX : (uint64_t)product;
}

static bool
slow_time(const struct batch *batch, unsigned col, size_t row, uint64_t *word)
{
	int64_t ns = 0;
	bool has = batch_has(batch, col, row);

	if (has)
		ns = (int64_t)batch_uint(batch, col, row);
	else
		has = flow_time(batch, row, &ns);
	*word = (uint64_t)ns + (UINT64_C(1) << 63);
	return has;
}

static bool
slow_duration(const struct batch *batch, size_t row, uint64_t *word)
{
	int64_t begin = (int64_t)batch_uint(batch, COL_flow_start, row);
	int64_t end = (int64_t)batch_uint(batch, COL_flow_end, row);

	*word = end > begin ? ((uint64_t)end - (uint64_t)begin) / 1000 : 0;
	return batch_has(batch, COL_flow_start, row) &&
	    batch_has(batch, COL_flow_end, row);
}

static bool
slow_input(
    const struct batch *batch, unsigned input, size_t row, uint64_t *word)
{
	struct addr a;

	if (input == INPUT_BEGIN)
		return slow_time(batch, COL_flow_start, row, word);
	if (input == INPUT_END)
		return slow_time(batch, COL_flow_end, row, word);
	if (input == INPUT_DURATION)
		return slow_duration(batch, row, word);
	*word = batch_uint(batch, input, row);
	if (column_info[input].type == COLUMN_TIME)
		*word += UINT64_C(1) << 63;
	if (column_info[input].type == COLUMN_ADDR) {
		a = batch_addr(batch, input, row);
		*word = a.family == ADDR_V6
		    ? distinct_hash128(a.v6.hi, a.v6.lo)
		    : distinct_hash(a.v4 | UINT64_C(1) << 40);
	}
	return batch_has(batch, input, row);
}

static void
check_batch(struct inputs *in, const struct batch *batch)
{
	uint64_t unscaled = 0;

	in->unscaled = 0;
	inputs_load(in, batch);
	for (size_t row = 0; row < batch->nrows; row++) {
		if (!bitmap_test(batch->selected, row))
			continue;
		unscaled += !batch_has(batch, COL_sampling_interval, row);
		for (size_t i = 0; i < sizeof(inputs); i++) {
			const struct input_column *c = &in->column[inputs[i]];
			uint64_t want;
			bool has = slow_input(batch, inputs[i], row, &want);

			if (in->scale)
				want = slow_scaled(batch, inputs[i], row, want);
			assert_int_equal(input_has(c, row), has);
			assert_true(c->word[row] == (has ? want : 0));
		}
	}
	assert_true(in->unscaled == (in->scale ? unscaled : 0));
}

static void
check_batches(unsigned gaps, unsigned unselected, bool scale)
{
	struct random_flows b = { .random = { 10 },
		.gaps = gaps,
		.v6 = 90,
		.unselected = unselected,
		.hosts = 100,
		.longest_ns = 3600 * SECOND_NS };
	struct batch *batch = batch_new(BATCH_ROWS);
	struct inputs in = { .scale = scale };
	const size_t rows[] = { BATCH_ROWS, 1, 63, 64, 65, 1000 };

	for (size_t i = 0; i < sizeof(inputs); i++)
		in.wanted[inputs[i]] = true;
	assert_true(inputs_init(&in));
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct colset columns = random_flows_columns();

		/* Some have a column nowhere. */
		columns.word[0] &= i % 2 == 0 ? UINT64_MAX
					      : random_u64(&b.random);
		random_flows_fill(&b, batch, rows[i % 6], columns);
		check_batch(&in, batch);
	}
	inputs_fini(&in);
	batch_free(batch);
}

static void
inputs_are_what_rows_have(void **state)
{
	(void)state;
	check_batches(0, 0, false);
	check_batches(0, 128, false);
	check_batches(128, 0, false);
	check_batches(3, 128, false);
	check_batches(250, 200, false);
	check_batches(255, 0, false);
}

static void
octets_and_packets_are_scaled(void **state)
{
	(void)state;
	check_batches(0, 0, true);
	check_batches(100, 100, true);
	check_batches(250, 0, true);
}

/* Only selected rows count when it is said that all have a value. */
static void
rows_that_are_not_selected_do_not_matter(void **state)
{
	struct random_flows b = {
		.random = { 11 }, .hosts = 3, .longest_ns = 1
	};
	struct batch *batch = batch_new(BATCH_ROWS);
	struct inputs in = { .scale = false };

	(void)state;
	in.wanted[COL_octets] = in.wanted[INPUT_BEGIN] = true;
	assert_true(inputs_init(&in));
	random_flows_fill(&b, batch, 100, random_flows_columns());
	bitmap_clear(batch->selected, 7);
	bitmap_clear(batch->col[COL_octets].valid, 7);
	for (unsigned col = 0; col < COL_COUNT; col++)
		if (column_info[col].type == COLUMN_TIME)
			bitmap_clear(batch->col[col].valid, 7);
	inputs_load(&in, batch);
	assert_null(in.column[COL_octets].valid);
	assert_null(in.column[INPUT_BEGIN].valid);
	bitmap_set(batch->selected, 7);
	inputs_load(&in, batch);
	assert_false(input_has(&in.column[COL_octets], 7));
	assert_false(input_has(&in.column[INPUT_BEGIN], 7));
	inputs_fini(&in);
	batch_free(batch);
}

static void
products_stop_at_the_greatest_number(void **state)
{
	struct batch *batch = batch_new(64);
	struct inputs in = { .scale = true };

	(void)state;
	in.wanted[COL_octets] = true;
	assert_true(inputs_init(&in));
	(void)batch_append(batch, 4);
	for (size_t row = 0; row < 4; row++)
		batch_set_uint(batch, COL_octets, row, UINT64_MAX / 4);
	batch_set_uint(batch, COL_sampling_interval, 0, 4);
	batch_set_uint(batch, COL_sampling_interval, 1, UINT32_MAX);
	batch_set_uint(batch, COL_sampling_interval, 2, 0);
	inputs_load(&in, batch);
	assert_true(in.column[COL_octets].word[0] == UINT64_MAX - 3);
	assert_true(in.column[COL_octets].word[1] == UINT64_MAX);
	assert_true(in.column[COL_octets].word[2] == UINT64_MAX / 4);
	assert_true(in.column[COL_octets].word[3] == UINT64_MAX / 4);
	assert_int_equal(in.unscaled, 1);
	inputs_fini(&in);
	batch_free(batch);
}

static void
times_are_ordered_as_words(void **state)
{
	static const int64_t ascending[] = { INT64_MIN, -1, 0, 1, START_NS,
		INT64_MAX };

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		assert_true(word_to_time(time_to_word(ascending[i])) ==
		    ascending[i]);
		if (i > 0)
			assert_true(time_to_word(ascending[i]) >
			    time_to_word(ascending[i - 1]));
	}
}

static void
extreme_times_have_their_durations(void **state)
{
	static const struct {
		int64_t begin, end;
		uint64_t us;
	} cases[] = {
		{ INT64_MIN, INT64_MAX, UINT64_MAX / 1000 },
		{ INT64_MAX, INT64_MIN, 0 },
		{ -5000, 5000, 10 },
		{ 0, 999, 0 },
		{ 7, 7, 0 },
	};
	struct batch *batch = batch_new(64);
	struct inputs in = { .scale = false };

	(void)state;
	in.wanted[INPUT_DURATION] = true;
	assert_true(inputs_init(&in));
	(void)batch_append(batch, 5);
	for (size_t i = 0; i < 5; i++) {
		batch_set_uint(
		    batch, COL_flow_start, i, (uint64_t)cases[i].begin);
		batch_set_uint(
		    batch, COL_flow_end, i, (uint64_t)cases[i].end);
	}
	inputs_load(&in, batch);
	for (size_t i = 0; i < 5; i++)
		assert_true(
		    in.column[INPUT_DURATION].word[i] == cases[i].us);
	inputs_fini(&in);
	batch_free(batch);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inputs_are_what_rows_have),
		cmocka_unit_test(octets_and_packets_are_scaled),
		cmocka_unit_test(rows_that_are_not_selected_do_not_matter),
		cmocka_unit_test(products_stop_at_the_greatest_number),
		cmocka_unit_test(times_are_ordered_as_words),
		cmocka_unit_test(extreme_times_have_their_durations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
