/*
 * Blocks of columnar logs: what goes in comes out, in its order, for columns
 * of every kind; what the head says; the example of flowd-log(5), octet for
 * octet; that nothing that was changed is taken for good.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "batches.h"
#include "block.h"

enum {
	BATCHES = 40,
	BUF = 256 * 1024 * 1024
};

static const struct colset all_columns = { { ~UINT64_C(0), ~UINT64_C(0) } };

static struct block_writer *
writer(enum compression compression, size_t rows)
{
	struct block_options o = { .compression = compression, .rows = rows,
		.seed = 99 };
	struct block_writer *w = block_writer_new(&o);

	assert_non_null(w);
	return w;
}

/* Add a batch, and finish blocks when they are full. */
static void
add(struct block_writer *w, const struct batch *batch, struct buf *out)
{
	size_t row = block_writer_add(w, batch, 0);

	while (row < batch->nrows) {
		assert_true(block_writer_finish(w, out) > 0);
		row = block_writer_add(w, batch, row);
	}
}

/* Rows of batches that were selected, one after the other. */
struct rows {
	struct batch **batch;
	size_t n, at, row;
};

static bool
rows_next(struct rows *r)
{
	for (; r->at < r->n; r->at++, r->row = 0) {
		r->row = bitmap_next(r->batch[r->at]->selected, r->row,
		    r->batch[r->at]->nrows);
		if (r->row < r->batch[r->at]->nrows)
			return true;
	}
	return false;
}

/* A batch of a block must be the next rows; two calls may fill columns. */
static size_t
check_rows(struct block_reader *reader, size_t first, bool twice,
    struct batch *batch, struct rows *want)
{
	struct colset some = all_columns;
	size_t n;

	if (twice)
		some.word[0] &= UINT64_C(0x5555555555555555);
	batch_reset(batch);
	n = block_reader_rows(reader, first, some, batch);
	block_reader_more(reader, all_columns, batch);
	assert_true(n > 0);
	assert_int_equal(n, batch->nrows);
	for (size_t i = 0; i < n; i++, want->row++) {
		int col;

		assert_true(rows_next(want));
		col = batches_differ(want->batch[want->at], want->row, batch,
		    i);
		if (col >= 0)
			fail_msg("%s differs in row %zu",
			    column_info[col].name, first + i);
	}
	return n;
}

static void
check_blocks(struct bytes in, struct rows *want)
{
	struct block_reader *reader = block_reader_new();
	struct batch *batch = batch_new(BATCH_ROWS);
	static struct block b;
	struct flowd_error err;

	for (unsigned i = 0; in.len > 0; i++) {
		assert_int_equal(block_parse(in, &b, &err), 0);
		assert_int_equal(block_verify(&b, &err), 0);
		block_reader_begin(reader, &b);
		assert_int_equal(
		    block_reader_open(reader, all_columns, &err), 0);
		for (size_t at = 0; at < b.nrows;)
			at += check_rows(reader, at, i % 2 != 0, batch, want);
		in.ptr += b.all.len;
		in.len -= b.all.len;
	}
	assert_false(rows_next(want));
	block_reader_free(reader);
	batch_free(batch);
}

static void
round_trip(uint64_t seed, enum compression compression, size_t rows)
{
	struct batch *batch[BATCHES];
	struct block_writer *w = writer(compression, rows);
	struct rows want = { batch, BATCHES, 0, 0 };
	struct batches b;
	struct buf out;

	batches_init(&b, seed);
	buf_init(&out, BUF);
	for (size_t i = 0; i < BATCHES; i++) {
		/* Another exporter: other columns from here on. */
		if (i == BATCHES / 2 && seed % 3 == 0)
			batches_init(&b, seed + 1000);
		batch[i] = batch_new(BATCH_ROWS);
		batches_fill(&b, batch[i],
		    1 + random_u32(&b.random) % 300, seed % 2 != 0);
		add(w, batch[i], &out);
	}
	assert_true(block_writer_finish(w, &out) >= 0);
	check_blocks((struct bytes){ out.ptr, out.len }, &want);
	for (size_t i = 0; i < BATCHES; i++)
		batch_free(batch[i]);
	buf_fini(&out);
	block_writer_free(w);
}

static void
block_gives_back_what_was_written(void **unused)
{
	(void)unused;
	for (uint64_t seed = 1; seed <= 24; seed++)
		for (int c = COMPRESS_NONE; c <= COMPRESS_ZSTD; c++)
			round_trip(seed, (enum compression)c, 0);
}

static void
block_takes_so_many_rows_as_it_is_told(void **unused)
{
	(void)unused;
	round_trip(77, COMPRESS_LZ4, 1);
	round_trip(78, COMPRESS_ZSTD, 64);
	round_trip(79, COMPRESS_ZSTD, 1000);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(block_gives_back_what_was_written),
		cmocka_unit_test(block_takes_so_many_rows_as_it_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
