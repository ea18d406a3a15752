/*
 * Packed columns of a block: ranges of them are tested where the values lie;
 * see block_reader.h. The oracle is the test of the values in a batch.
 *
 * Tests: test/unit/store/test_block_range.c, test_block_hostile.c.
 */
#include "block_reader_state.h"

/* Can ranges of it be tested? It is open at least for that. */
static bool
column_has_range(const struct block_reader *r, unsigned col)
{
	const struct open_column *c = &r->col[col];

	return c->entry != NULL && c->plain && c->valid == NULL &&
	    c->entry->type <= COLUMN_U64 &&
	    int_stream_has_range(&c->stream, column_max(col));
}

int
block_reader_open_packed(struct block_reader *r, struct colset cols,
    struct colset *packed, struct flowd_error *err)
{
	*packed = (struct colset){ { 0, 0 } };
	for (unsigned i = 0; i < COL_COUNT; i++) {
		if (!colset_has(&cols, i))
			continue;
		if (!block_reader_open_ranges(r, i))
			return block_reader_damaged(i, err);
		if (column_has_range(r, i))
			colset_add(packed, i);
	}
	return block_reader_open(r, colset_without(cols, *packed), err);
}

/* Tests n rows from first on; all of them are 0 when it is damaged. */
static void
range_run(struct block_reader *r, const struct tested *t, size_t first,
    size_t n, uint64_t *rows)
{
	struct int_stream_source source = { .decompressor = r->decompressor,
		.scratch = &r->scratch };

	if (int_stream_range(&r->col[t->col].stream, &source, first, n, t->lo,
		t->hi, rows))
		return;
	memset(rows, 0, bitmap_words(n) * sizeof(*rows));
	r->damaged = true;
	r->damaged_col = t->col;
}

static const uint64_t *
range_find(const struct block_reader *r, const struct tested *want)
{
	for (unsigned i = 0; i < r->ntested; i++) {
		const struct tested *t = &r->tested[i];

		if (t->col == want->col && t->lo == want->lo &&
		    t->hi == want->hi)
			return t->rows;
	}
	return NULL;
}

/* Tests all rows of the block, if there is room to cache the result. */
static const uint64_t *
range_cache(struct block_reader *r, struct tested *t)
{
	size_t nrows = r->b->nrows, words = bitmap_words(nrows) + 1;
	uint64_t *rows = r->ntested < TESTED
	    ? scratch_take(&r->scratch, words * sizeof(*rows))
	    : NULL;

	if (rows == NULL)
		return NULL;
	range_run(r, t, 0, nrows, rows);
	rows[words - 1] = 0;
	t->rows = rows;
	r->tested[r->ntested++] = *t;
	return rows;
}

static void
packed_range(
    void *arg, unsigned col, uint64_t lo, uint64_t hi, uint64_t *rows)
{
	struct block_reader *r = arg;
	struct tested t = { .col = col, .lo = lo, .hi = hi };
	const uint64_t *all = range_find(r, &t);

	if (all == NULL)
		all = range_cache(r, &t);
	if (all != NULL) {
		bitmap_copy_range(rows, all, r->first, r->n);
		return;
	}
	/* Damage is to be found now. */
	if (!block_reader_open_column(r, col)) {
		r->damaged = true;
		r->damaged_col = col;
	}
	range_run(r, &t, r->first, r->n, rows);
}

void
block_reader_pack(
    struct block_reader *r, struct colset packed, struct batch *batch)
{
	batch->packed = (struct packed_columns){ .cols = packed,
		.range = packed_range, .arg = r };
}

int
block_reader_tested(const struct block_reader *r, struct flowd_error *err)
{
	return r->damaged ? block_reader_damaged(r->damaged_col, err) : 0;
}
