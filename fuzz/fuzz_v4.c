/*
 * The reader of columnar logs on any bytes. What it takes is written as blocks
 * again, and what is read of these is the same. No run of rows is said to lack
 * an address that is in it.
 *
 * Inputs are changed by v4_mutate.c, so that checksums do not end the search.
 */
#include <stdlib.h>

#include "block_reader.h"
#include "block_writer.h"
#include "segment.h"
#include "segment_index.h"
#include "v4_mutate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	ROWS = 4096,	/* of one input, at most: the rest is not looked at */
	BATCHES = 256,
	COMPRESSIONS = COMPRESS_ZSTD + 1,
#ifdef FLOWD_FUZZER
	SEARCHES = 1
#else
	SEARCHES = 0	/* only what was found is tried again */
#endif
};

static const struct colset all = { { ~UINT64_C(0), ~UINT64_C(0) } };

struct rows {
	struct batch *batch[BATCHES];
	size_t n, nrows;
};

/* The rows of the batch are those from first on. */
static void
check_lacks(struct block_reader *r, size_t first, const struct batch *batch)
{
	static const unsigned cols[] = { COL_src_addr, COL_dst_addr };

	for (size_t row = 0; row < batch->nrows; row++)
		for (size_t i = 0; i < sizeof(cols) / sizeof(cols[0]); i++) {
			struct addr a = batch_addr(batch, cols[i], row);

			if (a.family != ADDR_NONE &&
			    (block_reader_lacks(r, &a) ||
				block_reader_run_lacks(r, cols[i],
				    first + row, 1, &a)))
				abort();
		}
}

/* Ranges of packed columns, the rows of which the batch has, too. */
static void
check_ranges(
    struct block_reader *r, struct colset packed, struct batch *batch)
{
	uint64_t rows[BATCH_ROWS / 64];

	block_reader_pack(r, packed, batch);
	for (unsigned col = 0; col < COL_COUNT; col++) {
		uint64_t a, b;

		if (!colset_has(&packed, col))
			continue;
		a = batch_uint(batch, col, 0);
		b = batch_uint(batch, col, batch->nrows - 1);
		batch->packed.range(batch->packed.arg, col, a, b, rows);
		for (size_t row = 0; row < batch->nrows; row++) {
			uint64_t v = batch_uint(batch, col, row);

			if (!batch_has(batch, col, row) ||
			    bitmap_test(rows, row) != (v >= a && v <= b))
				abort();
		}
	}
	if (block_reader_tested(r, NULL) != 0)
		abort();
}

/* Some columns first and the others then, as readers with a filter do. */
static void
read_block(struct block_reader *r, const struct block *b,
    struct colset packed, struct rows *rows)
{
	struct colset some = { { UINT64_C(0x5555555555555555), 0 } };

	colset_add(&some, COL_other);
	for (size_t row = 0; row < b->nrows && rows->nrows < ROWS;) {
		struct batch *batch = batch_new(512);
		size_t n;

		if (batch == NULL || rows->n == BATCHES) {
			batch_free(batch);
			return;
		}
		n = block_reader_rows(r, row, BATCH_ROWS, some, batch);
		block_reader_more(r, all, batch);
		if (n == 0)
			abort();
		check_lacks(r, row, batch);
		check_ranges(r, packed, batch);
		row += n;
		rows->nrows += n;
		rows->batch[rows->n++] = batch;
	}
}

/*
 * Open all columns: at once, or so that ranges of some can be tested first.
 * What can be opened in one go can be opened in two.
 */
static bool
open_all(struct block_reader *r, const struct block *b, struct colset *packed)
{
	bool good, begun;

	block_reader_begin(r, b);
	good = block_reader_open(r, all, NULL) == 0;
	block_reader_begin(r, b);
	begun = block_reader_open_packed(r, all, packed, NULL) == 0;
	if (good && !begun)
		abort();
	if ((block_reader_open(r, all, NULL) == 0) != good)
		abort();
	return good;
}

static void
read_all(struct bytes in, struct rows *rows)
{
	struct block_reader *r = block_reader_new();
	struct block *b = block_new();
	struct segment_damage damage;
	struct segment_walk w;
	struct segment_index ix;
	struct colset packed;
	int got;

	segment_walk_init(&w, in, true);
	while ((got = segment_next(&w, b, &damage)) != 0 && got != FLOWD_EOF) {
		if (got != 1)
			continue;
		if (b->kind == BLOCK_INDEX)
			(void)segment_index_parse(b, &ix, NULL);
		if (b->kind != BLOCK_FLOWS)
			continue;
		if (open_all(r, b, &packed))
			read_block(r, b, packed, rows);
		else
			segment_reject(&w);
	}
	(void)segment_index_find(in, &ix, NULL);
	block_reader_free(r);
	block_free(b);
}

static bool
same_value(const struct batch *a, size_t i, const struct batch *b, size_t k,
    unsigned col)
{
	struct addr x, y;
	struct bytes p, q;

	if (batch_has(a, col, i) != batch_has(b, col, k))
		return false;
	if (!batch_has(a, col, i))
		return true;
	x = y = (struct addr){ .family = ADDR_NONE };
	p = q = (struct bytes){ NULL, 0 };
	if (column_info[col].type == COLUMN_ADDR) {
		x = batch_addr(a, col, i);
		y = batch_addr(b, col, k);
	} else if (column_info[col].type == COLUMN_BYTES) {
		p = batch_bytes(a, col, i);
		q = batch_bytes(b, col, k);
	}
	return x.family == y.family && addr_equal(&x, &y) && p.len == q.len &&
	    (p.len == 0 || memcmp(p.ptr, q.ptr, p.len) == 0) &&
	    batch_uint(a, col, i) == batch_uint(b, col, k);
}

/* The rows of both, however they are cut into batches. */
static void
rows_compare(const struct rows *a, const struct rows *b)
{
	size_t i = 0, k = 0, at = 0, bt = 0;

	if (a->nrows != b->nrows)
		abort();
	for (size_t n = 0; n < a->nrows; n++, i++, k++) {
		if (i == a->batch[at]->nrows)
			at++, i = 0;
		if (k == b->batch[bt]->nrows)
			bt++, k = 0;
		if (a->batch[at]->from_log != b->batch[bt]->from_log)
			abort();
		for (unsigned col = 0; col < COL_COUNT; col++)
			if (!same_value(a->batch[at], i, b->batch[bt], k, col))
				abort();
	}
}

static void
free_rows(struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		batch_free(rows->batch[i]);
}

static void
write_all(const struct rows *rows, enum compression compression,
    struct buf *out)
{
	struct block_options o = { .compression = compression, .rows = 1000 };
	struct block_writer *w = block_writer_new(&o);

	for (size_t i = 0; i < rows->n; i++) {
		size_t row = 0;

		while ((row = block_writer_add(w, rows->batch[i], row)) <
		    rows->batch[i]->nrows)
			if (block_writer_finish(w, out) < 0)
				abort();
	}
	if (block_writer_finish(w, out) < 0)
		abort();
	block_writer_free(w);
}

/* What is written of the rows is read as the same. */
static void
try_again(const struct rows *once, enum compression compression)
{
	struct rows twice = { .n = 0 };
	struct buf out;

	buf_init(&out, 256 * 1024 * 1024);
	write_all(once, compression, &out);
	read_all((struct bytes){ out.ptr, out.len }, &twice);
	rows_compare(once, &twice);
	free_rows(&twice);
	buf_fini(&out);
}

/* When it is searched on, one compression is enough for each of many inputs. */
static void
v4_convert(struct bytes in)
{
	struct rows once = { .n = 0 };

	read_all(in, &once);
	for (size_t c = 0; once.n > 0 && once.n < BATCHES && c < COMPRESSIONS;
	     c++)
		if (!SEARCHES || c == in.len % COMPRESSIONS)
			try_again(&once, (enum compression)c);
	free_rows(&once);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	v4_convert((struct bytes){ data, size });
	return 0;
}

#ifdef FLOWD_FUZZER
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(
    uint8_t *data, size_t size, size_t max_size, unsigned seed);

size_t
LLVMFuzzerCustomMutator(
    uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
	return v4_mutate(data, size, max_size, seed, LLVMFuzzerMutate);
}
#endif
