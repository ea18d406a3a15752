/*
 * Parts of flows: every selected row once, or cut into the bins that it spans;
 * shares that add up, whatever is shared.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "random_flows.h"
#include "flow_time.h"
#include "flow_parts.h"

enum {
	ROUNDS = 20
};

/* All that a cutter goes through. */
struct cut {
	struct inputs inputs;
	struct time_bins bins;
	struct row_list rows;
	struct flow_cutter cutter;
	struct flow_parts *parts;
};

static void
cut_begin(struct cut *c, const struct batch *batch, uint64_t width_ns,
    bool by_end)
{
	static const struct zone utc = { false, 0 };

	*c = (struct cut){ .parts = calloc(1, sizeof(*c->parts)) };
	c->inputs.wanted[INPUT_BEGIN] = c->inputs.wanted[INPUT_END] = true;
	assert_non_null(c->parts);
	assert_true(inputs_init(&c->inputs));
	inputs_load(&c->inputs, batch);
	row_list_init(&c->rows);
	row_list_load(&c->rows, batch);
	if (width_ns != 0)
		time_bins_init(&c->bins, width_ns, utc, 0);
	c->cutter = (struct flow_cutter){ .rows = &c->rows,
		.inputs = &c->inputs,
		.bins = width_ns != 0 ? &c->bins : NULL,
		.by_end = by_end };
}

static void
cut_end(struct cut *c)
{
	inputs_fini(&c->inputs);
	free(c->parts);
}

/* --- Shares --- */

static void
shares_add_up_to_all(void **state)
{
	struct random r = { 13 };

	(void)state;
	for (unsigned n = 0; n < 20000; n++) {
		uint64_t of = random_bits(&r) | 1, at = 0;
		uint64_t v = random_u32(&r) % 4 == 0 ? UINT64_MAX
						     : random_bits(&r);
		uint64_t sum = 0;

		while (at < of) {
			struct flow_share s = { .from = at, .of = of };

			at += random_u64(&r) % (of - at) + 1;
			s.to = at;
			sum += share_of(&s, v);
		}
		assert_true(sum == v);
	}
}

static void
a_flow_counts_in_one_of_its_parts(void **state)
{
	struct flow_share s = { 0, 0, 1000 };
	unsigned n = 0;

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		s.from = i * 100;
		s.to = (i + 1) * 100;
		n += (unsigned)share_of(&s, 1);
	}
	assert_int_equal(n, 1);
	assert_int_equal(share_of(&s, 1), 1);
	s = (struct flow_share){ 0, 0, 0 };
	assert_true(share_of(&s, UINT64_MAX) == UINT64_MAX);
}

/* --- Without bins --- */

static void
without_bins_all_selected_rows_are_parts(void **state)
{
	struct random_flows b = {
		.random = { 14 }, .hosts = 9, .longest_ns = 1
	};
	struct batch *batch = batch_new(BATCH_ROWS);
	const size_t rows[] = { 1, 64, 100, BATCH_ROWS };
	struct cut c;

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		size_t n = 0;

		b.unselected = i < 4 ? 0 : 100;
		random_flows_fill(
		    &b, batch, rows[i % 4], random_flows_columns());
		cut_begin(&c, batch, 0, false);
		if (c.rows.n > 0) {
			assert_true(flow_cutter_next(&c.cutter, c.parts));
			assert_int_equal(c.parts->nwhole, c.parts->n);
			assert_int_equal(c.parts->dense,
			    c.parts->n == batch->nrows);
			assert_int_equal(c.parts->n,
			    bitmap_count(batch->selected, batch->nrows));
			for (size_t row = 0; row < batch->nrows; row++)
				if (bitmap_test(batch->selected, row))
					assert_int_equal(
					    c.parts->row[n++], row);
		}
		assert_false(flow_cutter_next(&c.cutter, c.parts));
		cut_end(&c);
	}
	batch_free(batch);
}

/* --- With bins --- */

/* What a row is to be cut into. */
struct want {
	bool timeless, too_long;
	int64_t begin, end;
	uint32_t first, last;
};

static bool
row_time(const struct batch *batch, unsigned col, size_t row, int64_t *ns)
{
	if (batch_has(batch, col, row)) {
		*ns = (int64_t)batch_uint(batch, col, row);
		return true;
	}
	return flow_time(batch, row, ns);
}

static struct want
want_of(const struct batch *batch, size_t row, uint64_t width, bool by_end)
{
	struct want w = { .timeless = false };

	if (!row_time(batch, COL_flow_end, row, &w.end)) {
		w.timeless = true;
		return w;
	}
	if (by_end || !row_time(batch, COL_flow_start, row, &w.begin) ||
	    w.begin > w.end)
		w.begin = w.end;
	w.first = (uint32_t)((uint64_t)w.begin / width);
	/* At its end it has ended. */
	w.last = (uint32_t)(((uint64_t)w.end - (w.begin < w.end)) / width);
	w.too_long = w.last - w.first >= BINS_OF_A_FLOW;
	if (w.too_long) {
		w.first = w.last;
		w.begin = w.end;
	}
	return w;
}

/* A part is in the bin that is next, with the share that it is to have. */
static void
check_part(const struct flow_parts *parts, size_t i, const struct want *w,
    uint32_t bin, uint64_t width)
{
	int64_t from = (int64_t)(bin * width);
	int64_t to = from + (int64_t)width;
	const struct flow_share *s = &parts->share[i];

	assert_int_equal(parts->bin[parts->one_bin ? 0 : i], bin);
	if (w->first == w->last) {
		assert_true(i < parts->nwhole || s->of == 0);
		return;
	}
	assert_true(i >= parts->nwhole);
	assert_true(s->of == (uint64_t)(w->end - w->begin));
	assert_true(s->from ==
	    (from > w->begin ? (uint64_t)(from - w->begin) : 0));
	assert_true(s->to ==
	    (to < w->end ? (uint64_t)(to - w->begin) : s->of));
}

/* What is to come of the rows, or is not. */
static void
check_rest(const struct batch *batch, const struct cut *c, uint64_t width,
    bool by_end, const uint32_t nparts[BATCH_ROWS])
{
	uint64_t timeless = 0, too_long = 0;

	for (size_t row = 0; row < batch->nrows; row++) {
		struct want w;
		uint32_t n = 0;

		if (bitmap_test(batch->selected, row)) {
			w = want_of(batch, row, width, by_end);
			timeless += w.timeless;
			too_long += w.too_long;
			n = w.timeless ? 0 : w.last - w.first + 1;
		}
		assert_int_equal(nparts[row], n);
	}
	assert_true(c->cutter.timeless == timeless);
	assert_true(c->cutter.too_long == too_long);
}

/*
 * The parts of all rows are those that they are to be cut into; of each row
 * they come in the order of the bins.
 */
static void
check_cut(const struct batch *batch, uint64_t width, bool by_end)
{
	uint32_t nparts[BATCH_ROWS] = { 0 };
	struct cut c;

	cut_begin(&c, batch, width, by_end);
	while (flow_cutter_next(&c.cutter, c.parts)) {
		bool one_bin = true;

		assert_in_range(c.parts->n, 0, PARTS);
		for (size_t i = 0; !c.parts->one_bin && i < c.parts->n; i++)
			one_bin &= c.parts->bin[i] == c.parts->bin[0];
		assert_int_equal(one_bin, c.parts->one_bin);
		for (size_t i = 0; i < c.parts->n; i++) {
			size_t row = c.parts->row[i];
			struct want w = want_of(batch, row, width, by_end);

			assert_false(w.timeless);
			check_part(c.parts, i, &w, w.first + nparts[row]++,
			    width);
			assert_true(!c.parts->dense || i == row);
		}
	}
	check_rest(batch, &c, width, by_end, nparts);
	cut_end(&c);
}

/* Times on whole minutes, so that many are where a bin begins. */
static void
round_times(struct batch *batch)
{
	for (unsigned col = 0; col < COL_COUNT; col++)
		for (size_t row = 0; row < batch->nrows; row++)
			if (column_info[col].type == COLUMN_TIME &&
			    batch_has(batch, col, row))
				batch->col[col].ns[row] -=
				    batch->col[col].ns[row] %
				    (60 * SECOND_NS);
}

static void
rows_are_cut_into_the_bins_that_they_span(void **state)
{
	static const uint64_t width[] = { 1 * SECOND_NS, 60 * SECOND_NS,
		300 * SECOND_NS, 86400 * SECOND_NS };
	static const int64_t longest[] = { 1, 10 * SECOND_NS,
		3600 * SECOND_NS };
	struct random_flows b = { .random = { 15 }, .hosts = 9 };
	struct batch *batch = batch_new(BATCH_ROWS);
	const size_t rows[] = { 200, 64, BATCH_ROWS, 1 };

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct colset columns = random_flows_columns();

		b.gaps = i % 3 * 100;
		b.unselected = i % 2 * 100;
		b.longest_ns = longest[i % 3];
		if (i % 5 == 0)
			columns = (struct colset){ { 0, 0 } };
		random_flows_fill(&b, batch, rows[i % 4], columns);
		if (i % 2 == 0)
			round_times(batch);
		check_cut(batch, width[i % 4], i % 7 == 0);
	}
	batch_free(batch);
}

static void
put_times(struct batch *batch, size_t row, int64_t begin, int64_t end)
{
	batch_set_uint(batch, COL_flow_start, row, (uint64_t)begin);
	batch_set_uint(batch, COL_flow_end, row, (uint64_t)end);
}

/* More parts than fit: a flow goes on in the next ones. */
static void
long_flows_go_on_in_the_next_parts(void **state)
{
	const int64_t bin = SECOND_NS;
	const int64_t spans[] = { PARTS - 2, PARTS - 1, PARTS, PARTS + 1,
		2 * PARTS - 1, 2 * PARTS, 3 * PARTS + 5, BINS_OF_A_FLOW - 1,
		BINS_OF_A_FLOW };
	struct batch *batch = batch_new(64);

	(void)state;
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		batch_reset(batch);
		(void)batch_append(batch, 3);
		put_times(batch, 0, START_NS + 1, START_NS + 2);
		put_times(batch, 1, START_NS + 7,
		    START_NS + spans[i] * bin + 9);
		put_times(batch, 2, START_NS + 1, START_NS + bin + 2);
		check_cut(batch, (uint64_t)bin, false);
	}
	batch_free(batch);
}

/* A flow up to a full hour is not in the next one, but one of no time is. */
static void
a_flow_is_not_in_the_bin_that_begins_at_its_end(void **state)
{
	const int64_t hour = START_NS / (3600 * SECOND_NS) * 3600 * SECOND_NS;
	const uint32_t number = (uint32_t)(hour / (3600 * SECOND_NS));
	struct batch *batch = batch_new(64);
	struct cut c;

	(void)state;
	(void)batch_append(batch, 3);
	put_times(batch, 0, hour - 5 * SECOND_NS, hour);
	put_times(batch, 1, hour, hour);
	put_times(batch, 2, hour - 1, hour + 1);
	cut_begin(&c, batch, 3600 * (uint64_t)SECOND_NS, false);
	assert_true(flow_cutter_next(&c.cutter, c.parts));
	assert_int_equal(c.parts->n, 2);
	assert_int_equal(c.parts->bin[0], number - 1);
	assert_int_equal(c.parts->row[0], 0);
	assert_int_equal(c.parts->row[1], 2);
	assert_true(flow_cutter_next(&c.cutter, c.parts));
	assert_int_equal(c.parts->n, 2);
	assert_int_equal(c.parts->bin[0], number);
	assert_int_equal(c.parts->row[0], 1);
	assert_int_equal(c.parts->row[1], 2);
	cut_end(&c);
	cut_begin(&c, batch, 3600 * (uint64_t)SECOND_NS, true);
	assert_true(flow_cutter_next(&c.cutter, c.parts));
	assert_int_equal(c.parts->n, 3);
	assert_true(c.parts->one_bin);
	assert_int_equal(c.parts->bin[0], number);
	cut_end(&c);
	batch_free(batch);
}

/* Parts that are counted add up, also of times that are out of order. */
static void
parts_of_odd_flows_add_up(void **state)
{
	static const int64_t times[] = { INT64_MIN, INT64_MIN + 1, -SECOND_NS,
		-1, 0, 1, SECOND_NS, 3599 * SECOND_NS,
		START_NS, START_NS + 1, START_NS + 86400 * SECOND_NS,
		INT64_MAX - 1, INT64_MAX };
	static const uint64_t width[] = { SECOND_NS, 3600 * SECOND_NS,
		86400 * SECOND_NS };
	const size_t n = sizeof(times) / sizeof(times[0]);
	struct batch *batch = batch_new(BATCH_ROWS);
	struct cut c;

	(void)state;
	(void)batch_append(batch, n * n);
	for (size_t i = 0; i < n * n; i++)
		put_times(batch, i, times[i / n], times[i % n]);
	for (size_t w = 0; w < 3; w++) {
		uint64_t sum[BATCH_ROWS] = { 0 }, flows[BATCH_ROWS] = { 0 };

		cut_begin(&c, batch, width[w], false);
		while (flow_cutter_next(&c.cutter, c.parts))
			for (size_t i = 0; i < c.parts->n; i++) {
				struct flow_share s = { 0, 0, 0 };
				size_t row = c.parts->row[i];

				if (i >= c.parts->nwhole)
					s = c.parts->share[i];
				sum[row] += share_of(&s, 1234567);
				flows[row] += share_of(&s, 1);
			}
		for (size_t i = 0; i < n * n; i++) {
			assert_true(sum[i] == 1234567);
			assert_true(flows[i] == 1);
		}
		cut_end(&c);
	}
	batch_free(batch);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_add_up_to_all),
		cmocka_unit_test(a_flow_counts_in_one_of_its_parts),
		cmocka_unit_test(without_bins_all_selected_rows_are_parts),
		cmocka_unit_test(rows_are_cut_into_the_bins_that_they_span),
		cmocka_unit_test(long_flows_go_on_in_the_next_parts),
		cmocka_unit_test(
		    a_flow_is_not_in_the_bin_that_begins_at_its_end),
		cmocka_unit_test(parts_of_odd_flows_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
