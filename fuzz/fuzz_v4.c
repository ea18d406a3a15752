/*
 * The reader of columnar logs on any bytes. What it takes is written as blocks
 * of each compression, and what is read of these is the same. No run of rows
 * is said to lack an address that is in it.
 */
#include <stdlib.h>

#include "block_head.h"
#include "index.h"
#include "segment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	ROWS = 4096,	/* of one input, at most: the rest is not looked at */
	BATCHES = 256
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

/* Some columns first and the others then, as readers with a filter do. */
static void
read_block(struct block_reader *r, const struct block *b, struct rows *rows)
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
		row += n;
		rows->nrows += n;
		rows->batch[rows->n++] = batch;
	}
}

static void
read_all(struct bytes in, struct rows *rows)
{
	struct block_reader *r = block_reader_new();
	struct block *b = block_new();
	struct segment_damage damage;
	struct segment_walk w;
	struct index ix;
	int got;

	segment_walk_init(&w, in, true);
	while ((got = segment_next(&w, b, &damage)) != 0 && got != FLOWD_EOF) {
		if (got != 1)
			continue;
		if (b->kind == BLOCK_INDEX)
			(void)index_parse(b, &ix, NULL);
		if (b->kind != BLOCK_FLOWS)
			continue;
		block_reader_begin(r, b);
		if (block_reader_open(r, all, NULL) == 0)
			read_block(r, b, rows);
		else
			segment_reject(&w);
	}
	(void)index_find(in, &ix, NULL);
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
compare(const struct rows *a, const struct rows *b)
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

/* The checksums of the data of a head's entries, as far as they are there. */
static void
mend_entries(uint8_t *p, size_t size, size_t head_len)
{
	size_t at = BLOCK_HEAD, data = head_len;

	for (unsigned n = load_le16(p + 40); n > 0; n--) {
		size_t len;

		if (at + 17 > head_len)
			break;
		len = load_le32(p + at + 5);
		if ((p[at + 4] & ENTRY_DATA) && len <= size - data) {
			store_le64(p + at + 9, block_checksum(p + data, len));
			data += len;
		}
		at += p[at + 2];
	}
}

/*
 * Make the checksums right wherever a block seems to begin: nobody finds them
 * by chance, and behind them is what wants to be tried.
 */
static void
mend(uint8_t *data, size_t size)
{
	for (size_t i = 0; i + BLOCK_HEAD < size; i++) {
		uint8_t *p = data + i;
		size_t left = size - i, head_len;

		if (memcmp(p, block_magic, BLOCK_MAGIC) != 0)
			continue;
		head_len = load_le32(p + 12);
		if (head_len < BLOCK_HEAD + BLOCK_SUM || head_len > left)
			continue;
		if (p[8] == BLOCK_FLOWS)
			mend_entries(p, left, head_len);
		else if (load_le32(p + 16) >= BLOCK_SUM &&
		    load_le32(p + 16) <= left - head_len)
			store_le64(p + head_len, block_checksum(
			    p + head_len + BLOCK_SUM,
			    load_le32(p + 16) - BLOCK_SUM));
		store_le64(p + head_len - BLOCK_SUM,
		    block_checksum(p, head_len - BLOCK_SUM));
	}
}

static void
try(struct bytes in)
{
	struct rows once = { .n = 0 };

	read_all(in, &once);
	if (once.n == BATCHES)
		once.n = 0;
	for (int c = COMPRESS_NONE; once.n > 0 && c <= COMPRESS_ZSTD; c++) {
		struct rows twice = { .n = 0 };
		struct buf out;

		buf_init(&out, 256 * 1024 * 1024);
		write_all(&once, (enum compression)c, &out);
		read_all((struct bytes){ out.ptr, out.len }, &twice);
		compare(&once, &twice);
		free_rows(&twice);
		buf_fini(&out);
	}
	free_rows(&once);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *mended = malloc(size + 1);

	try((struct bytes){ data, size });
	if (mended == NULL)
		return 0;
	if (size > 0)
		memcpy(mended, data, size);
	mend(mended, size);
	try((struct bytes){ mended, size });
	free(mended);
	return 0;
}
