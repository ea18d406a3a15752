/*
 * Columnar logs in memory for tests: segments of random rows, what their rows
 * are, and what a reader gets of them.
 */
#ifndef FLOWD_TEST_COLUMNAR_H
#define FLOWD_TEST_COLUMNAR_H

#include "random_columns.h"
#include "block_reader.h"
#include "block_writer.h"
#include "segment.h"

static const struct colset columnar_all = { { ~UINT64_C(0), ~UINT64_C(0) } };

/* Rows that are told apart by their octets, with an address for some. */
static inline void
columnar_block(struct buf *out, uint64_t first, size_t n,
    enum compression compression)
{
	struct block_options o = { .compression = compression, .seed = 5 };
	struct block_writer *w = block_writer_new(&o);
	struct batch *batch = batch_new(BATCH_ROWS);

	while (n > 0) {
		size_t some = n < BATCH_ROWS ? n : BATCH_ROWS;

		batch_reset(batch);
		(void)batch_append(batch, some);
		for (size_t i = 0; i < some; i++, first++) {
			struct addr a = addr_from_v4(
			    (uint32_t)(0x0a000000 + first));

			batch_set_uint(batch, COL_octets, i, first);
			batch_set_addr(batch, COL_src_addr, i, &a);
			a = addr_from_v6((struct addr6){ 0x20010db8, first });
			batch_set_addr(batch, COL_dst_addr, i, &a);
			batch_set_uint(batch, COL_recv_time, i,
			    (1700000000 + first) * 1000000000);
		}
		(void)block_writer_add(w, batch, 0);
		n -= some;
	}
	(void)block_writer_finish(w, out);
	block_writer_free(w);
	batch_free(batch);
}

struct columnar_seen {
	uint64_t octets[4096];	/* of the rows, in their order */
	size_t n;
	unsigned damages;
	bool cut;		/* it ends within a block */
};

static inline void
columnar_rows(struct block_reader *r, const struct block *b,
    struct batch *batch, struct columnar_seen *seen)
{
	for (size_t row = 0; row < b->nrows;) {
		batch_reset(batch);
		row += block_reader_rows(r, row, BATCH_ROWS, columnar_all,
		    batch);
		for (size_t i = 0; i < batch->nrows && seen->n < 4096; i++)
			seen->octets[seen->n++] =
			    batch_uint(batch, COL_octets, i);
	}
}

/* Read all that can be had. */
static inline void
columnar_read(struct bytes in, struct columnar_seen *seen)
{
	struct block_reader *r = block_reader_new();
	struct batch *batch = batch_new(BATCH_ROWS);
	struct block *b = block_new();
	struct segment_damage damage;
	struct segment_walk w;
	int got;

	seen->n = seen->damages = 0;
	seen->cut = false;
	segment_walk_init(&w, in, true);
	while ((got = segment_next(&w, b, &damage)) != 0) {
		if (got == FLOWD_EOF) {
			seen->cut = true;
			break;
		}
		if (got == FLOWD_EFORMAT)
			seen->damages++;
		if (got != 1 || b->kind != BLOCK_FLOWS)
			continue;
		block_reader_begin(r, b);
		if (block_reader_open(r, columnar_all, NULL) == 0)
			columnar_rows(r, b, batch, seen);
		else
			segment_reject(&w);
	}
	block_reader_free(r);
	batch_free(batch);
	block_free(b);
}

#endif
