/*
 * Leaves over batches of any number of rows, against the same leaves on one
 * row at a time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "leaf.h"

enum {
	PLACES_MAX = 100,
	LEAVES = 400
};

/* A column of each type, and a derived one. */
static const unsigned numbers[] = { COL_protocol, COL_dst_port, COL_src_as,
	COL_octets, COL_recv_time, COL_bps };
static const unsigned addresses[] = { COL_src_addr, COL_dst_addr };

/* Less than a word, words, and what is left behind them. */
static const size_t sizes[] = { 1, 7, 8, 63, 64, 65, 127, 128, 200, 2047,
	BATCH_ROWS };

static struct random rng;
static struct batch *batch;
static struct match_batch match;

/* At either end of what the column holds, in its middle, or next to 0. */
static uint64_t
random_value(unsigned col)
{
	uint64_t max = filter_column_max(col);

	switch (random_below(&rng, 4)) {
	case 0:
		return random_below(&rng, 3);
	case 1:
		return max - random_below(&rng, 3);
	case 2:
		return max / 2 + random_below(&rng, 3);
	default:
		return random_below(&rng, 256);
	}
}

static struct addr
random_addr(void)
{
	if (random_below(&rng, 2))
		return addr_from_v6((struct addr6) {
		    UINT64_C(0x20010db800000000) | random_below(&rng, 2),
		    random_below(&rng, 2) });
	return addr_from_v4(
	    random_below(&rng, 2) << 31 | random_below(&rng, 4));
}

static void
random_rows(size_t n)
{
	batch_reset(batch);
	(void)batch_append(batch, n);
	for (size_t row = 0; row < n; row++) {
		struct addr src = random_addr(), dst = random_addr();

		for (size_t i = 0; i < 5; i++)
			if (random_below(&rng, 4) != 0)
				batch_set_uint(batch, numbers[i], row,
				    random_value(numbers[i]));
		batch_set_uint(batch, COL_flow_start, row, 1000000000);
		batch_set_uint(batch, COL_flow_end, row,
		    1000000000 * (uint64_t)(1 + random_below(&rng, 3)));
		if (random_below(&rng, 4) != 0)
			batch_set_addr(batch, COL_src_addr, row, &src);
		batch_set_addr(batch, COL_dst_addr, row, &dst);
	}
}

/* The same as leaves have it. */
static uint64_t
random_bound(unsigned col)
{
	bool time = !column_is_derived(col) &&
	    column_info[col].type == COLUMN_TIME;

	return random_value(col) ^ (time ? EXPR_TIME_BIAS : 0);
}

static void
random_range(struct expr *e)
{
	uint64_t a = random_bound(e->col), b = random_bound(e->col);

	e->lo = a < b ? a : b;
	e->hi = a < b ? b : a;
}

static int
compare_u64(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

/* As lower.c makes them: they go up, and none is there twice. */
static void
random_places(struct expr *e, uint64_t *places)
{
	size_t n =
	    1 + random_below(&rng, random_below(&rng, 2) ? 8 : PLACES_MAX);

	for (size_t i = 0; i < n; i++)
		places[i] = random_bound(e->col);
	qsort(places, n, sizeof(*places), compare_u64);
	e->places = places;
	for (size_t i = 0; i < n; i++)
		if (i == 0 || places[i] != places[e->nplaces - 1])
			places[e->nplaces++] = places[i];
	/* To the end of the column, as "> 5" is. */
	if (e->nplaces % 2 != 0 && filter_column_max(e->col) != UINT64_MAX)
		places[e->nplaces++] = filter_column_max(e->col) + 1;
}

static void
random_prefix(struct expr *e)
{
	struct addr a = random_addr();
	unsigned len = a.family == ADDR_V6 ? 62 + random_below(&rng, 67)
					   : random_below(&rng, 33);

	if (a.family == ADDR_V6) {
		a.v6.hi &= addr6_mask(len).hi;
		a.v6.lo &= addr6_mask(len).lo;
	} else {
		a.v4 &= len == 0 ? 0 : UINT32_MAX << (32 - len);
	}
	e->prefix = (struct prefix){ .addr = a, .len = (uint8_t)len };
}

static struct expr
random_leaf(uint64_t *places)
{
	static const enum expr_kind kinds[] = { EXPR_RANGE, EXPR_NUMBERS,
		EXPR_MASKED, EXPR_PREFIX, EXPR_FAMILY, EXPR_HAS };
	struct expr e = { .kind = kinds[random_below(&rng, 6)] };

	switch (e.kind) {
	case EXPR_RANGE:
		e.col = (uint8_t)numbers[random_below(&rng, 6)];
		random_range(&e);
		break;
	case EXPR_NUMBERS:
		e.col = (uint8_t)numbers[random_below(&rng, 6)];
		random_places(&e, places);
		break;
	case EXPR_MASKED:
		e.col = (uint8_t)numbers[random_below(&rng, 2)];
		random_range(&e);
		e.mask = random_value(e.col);
		break;
	case EXPR_PREFIX:
		e.col = (uint8_t)addresses[random_below(&rng, 2)];
		random_prefix(&e);
		break;
	case EXPR_FAMILY:
		e.col = (uint8_t)addresses[random_below(&rng, 2)];
		e.family = random_below(&rng, 2) ? ADDR_V6 : ADDR_V4;
		break;
	default:
		e.col = (uint8_t)addresses[random_below(&rng, 2)];
		break;
	}
	return e;
}

static void
assert_as_row_by_row(const struct expr *e)
{
	uint64_t out[MATCH_WORDS];
	size_t n = batch->nrows;

	memset(out, 0xff, sizeof(out));
	leaf_run(e, &match, out);
	for (size_t row = 0; row < n; row++)
		if (bitmap_test(out, row) != expr_row(e, &match, row))
			fail_msg("kind %d, column %u, row %zu of %zu", e->kind,
			    e->col, row, n);
	for (size_t row = n; row < 64 * bitmap_words(n); row++)
		if (bitmap_test(out, row))
			fail_msg("kind %d, column %u, past row %zu", e->kind,
			    e->col, n);
}

static void
leaf_equals_itself_row_by_row(void **unused)
{
	uint64_t places[PLACES_MAX + 1];

	(void)unused;
	rng = random_seeded(1);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		/* Values of more rows stay behind those that are there. */
		random_rows(BATCH_ROWS);
		random_rows(sizes[i]);
		match_batch_begin(&match, batch);
		for (size_t k = 0; k < LEAVES; k++) {
			struct expr e = random_leaf(places);

			assert_as_row_by_row(&e);
		}
	}
}

/* Tests a column whose values the leaves do not see. */
static void
range_of_packed(
    void *arg, unsigned col, uint64_t lo, uint64_t hi, uint64_t *rows)
{
	const struct batch *values = arg;

	memset(rows, 0, bitmap_words(values->nrows) * sizeof(*rows));
	for (size_t row = 0; row < values->nrows; row++) {
		uint64_t v = batch_uint(values, col, row);

		if (v >= lo && v <= hi)
			bitmap_set(rows, row);
	}
}

static void
leaf_of_ranges_asks_for_packed_columns(void **unused)
{
	struct batch *packed = batch_new(BATCH_ROWS);
	uint64_t places[PLACES_MAX + 1], want[MATCH_WORDS], got[MATCH_WORDS];
	size_t n = 0;

	(void)unused;
	assert_non_null(packed);
	rng = random_seeded(2);
	random_rows(200);
	(void)batch_append(packed, 200);
	packed->packed = (struct packed_columns){ .range = range_of_packed,
		.arg = batch };
	for (size_t i = 0; i < 4; i++)
		colset_add(&packed->packed.cols, numbers[i]);
	for (size_t k = 0; k < LEAVES; k++) {
		struct expr e = random_leaf(places);

		if (!leaf_is_ranges(&e))
			continue;
		match_batch_begin(&match, batch);
		leaf_run(&e, &match, want);
		match_batch_begin(&match, packed);
		leaf_run(&e, &match, got);
		assert_memory_equal(
		    got, want, bitmap_words(200) * sizeof(*got));
		n++;
	}
	assert_true(n > 10);
	batch_reset(packed);
	assert_false(colset_has(&packed->packed.cols, numbers[0]));
	batch_free(packed);
}

static void
leaf_that_is_searched_takes_as_long_as_many_ranges(void **unused)
{
	uint64_t places[PLACES_MAX] = { 0 };
	struct expr e = { .kind = EXPR_RANGE, .col = COL_dst_port };
	size_t list, search;

	(void)unused;
	assert_int_equal(leaf_passes(&e), 1);
	e = (struct expr){ .kind = EXPR_NUMBERS, .col = COL_dst_port };
	e.places = places;
	e.nplaces = 10;
	list = leaf_passes(&e);
	e.nplaces = PLACES_MAX;
	search = leaf_passes(&e);
	assert_true(list > 1 && search > list);
	e.kind = EXPR_SET;
	assert_int_equal(leaf_passes(&e), search);
}

static int
setup(void **unused)
{
	(void)unused;
	batch = batch_new(BATCH_ROWS);
	return batch == NULL ||
	    !match_batch_init(&match, UINT32_C(1) << (COL_bps - COL_COUNT));
}

static int
teardown(void **unused)
{
	(void)unused;
	match_batch_fini(&match);
	batch_free(batch);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaf_equals_itself_row_by_row),
		cmocka_unit_test(leaf_of_ranges_asks_for_packed_columns),
		cmocka_unit_test(
		    leaf_that_is_searched_takes_as_long_as_many_ranges),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
