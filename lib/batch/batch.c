/* The batch; see batch.h. Test: test/unit/batch/test_batch.c. */
#include <stdlib.h>

#include "batch.h"
#include "vectorize.h"

const uint8_t batch_value_size[] = {
	[COLUMN_U8] = 1,
	[COLUMN_U16] = 2,
	[COLUMN_U32] = 4,
	[COLUMN_U64] = 8,
	[COLUMN_TIME] = 8,
	[COLUMN_ADDR] = 4,
	[COLUMN_MAC] = 8,
	[COLUMN_BYTES] = sizeof(struct span),
};

enum {
	CACHE_LINE = 64,
	HEAP_A_ROW = 128 /* octets of values of variable length, in the mean */
};

/* Divides one allocation into arrays; with base NULL it only measures. */
struct carver {
	uint8_t *base;
	size_t used;
};

static void *
arrays_take(struct carver *c, size_t size)
{
	void *p = c->base != NULL ? c->base + c->used : NULL;

	c->used += (size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
	return p;
}

static void
column_carve(struct column *col, unsigned type, size_t cap, struct carver *c)
{
	size_t map = bitmap_words(cap) * sizeof(uint64_t);

	col->valid = arrays_take(c, map);
	col->u8 = arrays_take(c, cap * batch_value_size[type]);
	if (type == COLUMN_ADDR) {
		col->v6 = arrays_take(c, cap * sizeof(struct addr6));
		col->is6 = arrays_take(c, map);
	}
}

static void
batch_carve(struct batch *batch, struct carver *c)
{
	size_t map = bitmap_words(batch->cap) * sizeof(uint64_t);
	uint64_t *none = arrays_take(c, map);

	batch->selected = arrays_take(c, map);
	for (unsigned i = 0; i < COL_COUNT; i++)
		if (colset_has(&batch->columns, i))
			column_carve(&batch->col[i], column_info[i].type,
			    batch->cap, c);
		else
			batch->col[i].valid = none;
	batch->heap = arrays_take(c, batch->heap_cap);
}

struct batch *
batch_new(size_t cap)
{
	return batch_new_columns(
	    cap, (struct colset) { { ~UINT64_C(0), ~UINT64_C(0) } });
}

struct batch *
batch_new_columns(size_t cap, struct colset columns)
{
	struct batch *batch = calloc(1, sizeof(*batch));
	struct carver c = { NULL, 0 };

	if (batch == NULL)
		return NULL;
	batch->cap = cap;
	batch->columns = columns;
	if (colset_has(&columns, COL_other))
		batch->heap_cap = BATCH_HEAP +
		    (cap > BATCH_ROWS ? cap * HEAP_A_ROW : 0);
	batch_carve(batch, &c);
	/* Zeros, of which large pieces cost nothing until they are used. */
	batch->memory = calloc(1, c.used + CACHE_LINE);
	if (batch->memory == NULL) {
		free(batch);
		return NULL;
	}
	c = (struct carver) { batch->memory, 0 };
	c.base += CACHE_LINE - (uintptr_t)batch->memory % CACHE_LINE;
	batch_carve(batch, &c);
	return batch;
}

void
batch_free(struct batch *batch)
{
	if (batch == NULL)
		return;
	free(batch->memory);
	free(batch);
}

void
batch_reset(struct batch *batch)
{
	size_t map = bitmap_words(batch->nrows) * sizeof(uint64_t);

	memset(batch->selected, 0, map);
	for (unsigned i = 0; i < COL_COUNT; i++) {
		if (!colset_has(&batch->used, i))
			continue;
		memset(batch->col[i].valid, 0, map);
		if (batch->col[i].is6 != NULL)
			memset(batch->col[i].is6, 0, map);
	}
	batch->used = (struct colset) { { 0, 0 } };
	batch->numbered = (struct colset) { { 0, 0 } };
	batch->packed.cols = (struct colset) { { 0, 0 } };
	batch->nrows = 0;
	batch->from_log = false;
	batch->heap_len = 0;
}

uint64_t
batch_uint(const struct batch *batch, unsigned col, size_t row)
{
	const struct column *c = &batch->col[col];

	if (!bitmap_test(c->valid, row))
		return 0;
	switch (column_info[col].type) {
	case COLUMN_U8:
		return c->u8[row];
	case COLUMN_U16:
		return c->u16[row];
	case COLUMN_U32:
		return c->u32[row];
	case COLUMN_U64:
	case COLUMN_MAC:
		return c->u64[row];
	case COLUMN_TIME:
		return (uint64_t)c->ns[row];
	default:
		return 0;
	}
}

void
batch_set_uint(struct batch *batch, unsigned col, size_t row, uint64_t v)
{
	batch_fill_uint(batch, col, row, 1, v);
}

struct addr
batch_addr(const struct batch *batch, unsigned col, size_t row)
{
	const struct column *c = &batch->col[col];

	if (!bitmap_test(c->valid, row))
		return (struct addr) { .family = ADDR_NONE };
	if (bitmap_test(c->is6, row))
		return addr_from_v6(c->v6[row]);
	return addr_from_v4(c->u32[row]);
}

void
batch_set_addr(struct batch *batch, unsigned col, size_t row,
    const struct addr *a)
{
	batch_fill_addr(batch, col, row, 1, a);
}

struct bytes
batch_bytes(const struct batch *batch, unsigned col, size_t row)
{
	const struct column *c = &batch->col[col];

	if (!bitmap_test(c->valid, row))
		return (struct bytes) { NULL, 0 };
	return (struct bytes) { batch->heap + c->span[row].off,
		c->span[row].len };
}

uint8_t *
batch_heap_take(struct batch *batch, size_t n)
{
	uint8_t *p = batch->heap + batch->heap_len;

	if (n > batch->heap_cap - batch->heap_len)
		return NULL;
	batch->heap_len += n;
	return p;
}

/*
 * A datagram has about 30 rows, which lie in the same one or two words of every
 * bitmap.
 */
void
batch_mark_columns(struct batch *batch, const uint8_t *cols, size_t ncols,
    size_t first, size_t n)
{
	size_t word = first / 64, bit = first % 64;
	uint64_t low = bitmap_low(n) << bit, used[2] = { 0, 0 };

	if (n == 0)
		return;
	for (size_t i = 0; i < ncols; i++) {
		uint64_t set = UINT64_C(1) << (cols[i] % 64);

		/* In registers: each step through memory would wait. */
		used[0] |= cols[i] < 64 ? set : 0;
		used[1] |= cols[i] < 64 ? 0 : set;
		batch->col[cols[i]].valid[word] |= low;
	}
	batch->used.word[0] |= used[0];
	batch->used.word[1] |= used[1];
	if (n > 64 - bit)
		for (size_t i = 0; i < ncols; i++)
			bitmap_set_range(batch->col[cols[i]].valid,
			    first + 64 - bit, n - (64 - bit));
}

VECTORIZE static void
values_fill(
    struct batch *batch, unsigned col, size_t first, size_t n, uint64_t v)
{
	struct column *c = &batch->col[col];
	size_t end = first + n;

	switch (column_info[col].type) {
	case COLUMN_U8:
		memset(c->u8 + first, (uint8_t)v, n);
		break;
	case COLUMN_U16:
		for (size_t r = first; r < end; r++)
			c->u16[r] = (uint16_t)v;
		break;
	case COLUMN_U32:
		for (size_t r = first; r < end; r++)
			c->u32[r] = (uint32_t)v;
		break;
	default:
		for (size_t r = first; r < end; r++)
			c->u64[r] = v;
		break;
	}
}

void
batch_spread_uint(struct batch *batch, unsigned col, size_t first, size_t n,
    uint64_t v)
{
	values_fill(batch, col, first, n, v);
}

void
batch_fill_uint(struct batch *batch, unsigned col, size_t first, size_t n,
    uint64_t v)
{
	batch_spread_uint(batch, col, first, n, v);
	batch_mark(batch, col, first, n);
}

void
batch_fill_addr(struct batch *batch, unsigned col, size_t first, size_t n,
    const struct addr *a)
{
	struct column *c = &batch->col[col];

	if (a->family == ADDR_NONE) {
		bitmap_clear_range(c->valid, first, n);
		return;
	}
	if (a->family == ADDR_V6) {
		for (size_t r = first; r < first + n; r++)
			c->v6[r] = a->v6;
		bitmap_set_range(c->is6, first, n);
	} else {
		for (size_t r = first; r < first + n; r++)
			c->u32[r] = a->v4;
		bitmap_clear_range(c->is6, first, n);
	}
	batch_mark(batch, col, first, n);
}
