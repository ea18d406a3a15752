/*
 * Packed columns of blocks: ranges hold in the rows whose values, read into a
 * batch, are in them; whatever rows are at hand and however many ranges.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "columnar.h"

enum {
	BLOCKS = 60,
	ROWS = 3 * BATCH_ROWS,
	RANGES = 12 /* more than a reader caches */
};

struct range {
	unsigned col;
	uint64_t lo, hi;
};

struct fixture {
	struct random_columns columns;
	struct buf octets;
	struct block *block;
	struct block_reader *reader, *plain;
	struct batch *batch, *values;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	if (f == NULL)
		return -1;
	buf_init(&f->octets, 64 * 1024 * 1024);
	f->block = block_new();
	f->reader = block_reader_new();
	f->plain = block_reader_new();
	f->batch = batch_new(BATCH_ROWS);
	f->values = batch_new(BATCH_ROWS);
	return f->block != NULL && f->reader != NULL && f->plain != NULL &&
		f->batch != NULL && f->values != NULL
	    ? 0
	    : -1;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	batch_free(f->values);
	batch_free(f->batch);
	block_reader_free(f->plain);
	block_reader_free(f->reader);
	block_free(f->block);
	buf_fini(&f->octets);
	free(f);
	return 0;
}

/* A block of random columns, opened by the plain reader. */
static void
make_block(struct fixture *f, unsigned seed)
{
	static const enum compression compressions[] = { COMPRESS_ZSTD,
		COMPRESS_ZSTD, COMPRESS_LZ4, COMPRESS_NONE };
	struct block_options o = { .compression = compressions[seed % 4] };
	struct block_writer *w = block_writer_new(&o);
	size_t left = 1 + seed * 9973 % ROWS, n;

	random_columns_init(&f->columns, seed + 1);
	for (; left > 0; left -= n) {
		n = left < 500 ? left : 500;
		batch_reset(f->values);
		random_columns_fill(&f->columns, f->values, n, false);
		(void)block_writer_add(w, f->values, 0);
	}
	buf_reset(&f->octets);
	assert_true(block_writer_finish(w, &f->octets) > 0);
	block_writer_free(w);
	assert_int_equal(block_parse((struct bytes){ f->octets.ptr,
		f->octets.len }, f->block, NULL), 0);
	block_reader_begin(f->plain, f->block);
	assert_int_equal(block_reader_open(f->plain, columnar_all, NULL), 0);
}

/* Of a packed column, near a value that is there. */
static struct range
random_range(struct fixture *f, struct colset packed)
{
	struct random *r = &f->columns.random;
	struct range range;
	uint64_t near;

	do
		range.col = random_below(r, COL_COUNT);
	while (!colset_has(&packed, range.col));
	near = batch_uint(f->values, range.col,
	    random_below(r, (uint32_t)f->values->nrows));
	range.lo = random_below(r, 4) == 0 ? 0 : near - random_below(r, 2);
	near = batch_uint(f->values, range.col,
	    random_below(r, (uint32_t)f->values->nrows));
	range.hi = random_below(r, 4) == 0 ? UINT64_MAX
					   : near + random_below(r, 2);
	return range;
}

static void
check_range(struct fixture *f, const struct range *range)
{
	uint64_t rows[BATCH_ROWS / 64];

	memset(rows, 0xff, sizeof(rows));
	f->batch->packed.range(f->batch->packed.arg, range->col, range->lo,
	    range->hi, rows);
	for (size_t row = 0; row < f->batch->nrows; row++) {
		uint64_t v = batch_uint(f->values, range->col, row);

		assert_true(batch_has(f->values, range->col, row));
		assert_false(batch_has(f->batch, range->col, row));
		assert_int_equal(bitmap_test(rows, row),
		    v >= range->lo && v <= range->hi);
	}
}

/* The same rows of both readers, from any row on. */
static size_t
read_rows(struct fixture *f, size_t first, struct colset packed)
{
	size_t n = 1 + random_below(&f->columns.random, BATCH_ROWS);

	batch_reset(f->batch);
	batch_reset(f->values);
	n = block_reader_rows(
	    f->plain, first, n, columnar_all, f->values);
	assert_int_equal(block_reader_rows(f->reader, first, n,
	    (struct colset){ { 0, 0 } }, f->batch), n);
	block_reader_pack(f->reader, packed, f->batch);
	return n;
}

/* The columns can be read wholly afterwards. */
static void
check_values(struct fixture *f)
{
	assert_int_equal(block_reader_open(f->reader, columnar_all, NULL), 0);
	block_reader_more(f->reader, columnar_all, f->batch);
	for (size_t row = 0; row < f->batch->nrows; row++)
		for (unsigned col = 0; col < COL_COUNT; col++)
			assert_true(random_columns_same_value(
			    f->batch, row, f->values, row, col));
}

static bool
check_block(struct fixture *f)
{
	struct range range[RANGES];
	struct colset packed;
	size_t first = 0, n = 0;

	block_reader_begin(f->reader, f->block);
	assert_int_equal(block_reader_open_packed(
	    f->reader, columnar_all, &packed, NULL), 0);
	if ((packed.word[0] | packed.word[1]) == 0)
		return false;
	for (; first < f->block->nrows; first += n) {
		n = read_rows(f, first, packed);
		for (size_t i = 0; first == 0 && i < RANGES; i++)
			range[i] = random_range(f, packed);
		for (size_t i = 0; i < RANGES; i++)
			check_range(f, &range[i]);
		assert_int_equal(block_reader_tested(f->reader, NULL), 0);
	}
	check_values(f);
	return true;
}

static void
ranges_hold_in_the_rows_whose_values_are_in_them(void **state)
{
	struct fixture *f = *state;
	unsigned packed = 0;

	for (unsigned i = 0; i < BLOCKS; i++) {
		make_block(f, i);
		packed += check_block(f);
	}
	assert_true(packed > BLOCKS / 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    ranges_hold_in_the_rows_whose_values_are_in_them, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
