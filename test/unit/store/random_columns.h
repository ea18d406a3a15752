/*
 * Random batches for the tests of columnar logs: columns of every kind, full,
 * with gaps or absent; values that are constant, few, slow, or any.
 */
#ifndef FLOWD_TEST_RANDOM_COLUMNS_H
#define FLOWD_TEST_RANDOM_COLUMNS_H

#include <stdlib.h>

#include "batch.h"
#include "other.h"
#include "../random.h"

/* How the values of a column come about; one is drawn for each. */
enum random_kind {
	KIND_CONSTANT,
	KIND_FEW,
	KIND_RUNS,
	KIND_GROWING,
	KIND_SMALL,
	KIND_ANY,
	KIND_COUNT
};

struct random_column {
	bool used;
	uint8_t kind;		/* enum random_kind */
	uint8_t gaps;		/* in 256; 0: none */
	uint8_t v6;		/* in 256 */
	uint64_t base, last;
};

struct random_columns {
	struct random random;
	struct random_column col[COL_COUNT];
};

static inline void
random_columns_init(struct random_columns *b, uint64_t seed)
{
	static const uint8_t gaps[] = { 0, 0, 0, 1, 128, 250 };
	static const uint8_t v6[] = { 0, 0, 255, 100 };

	b->random.state = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
	for (unsigned i = 0; i < COL_COUNT; i++) {
		struct random_column *c = &b->col[i];

		c->used = random_u32(&b->random) % 3 != 0;
		c->kind = (uint8_t)(random_u32(&b->random) % KIND_COUNT);
		c->gaps = gaps[random_u32(&b->random) % sizeof(gaps)];
		c->v6 = v6[random_u32(&b->random) % sizeof(v6)];
		c->base = c->last = random_bits(&b->random);
	}
}

static inline uint64_t
random_columns_value(struct random_columns *b, struct random_column *c)
{
	struct random *r = &b->random;

	switch (c->kind) {
	case KIND_CONSTANT:
		break;
	case KIND_FEW:
		c->last = c->base +
		    (random_u32(r) % 7) * UINT64_C(0x100000001000001);
		break;
	case KIND_RUNS:
		if (random_u32(r) % 30 == 0)
			c->last = random_bits(r);
		break;
	case KIND_GROWING:
		c->last += random_u32(r) % 1000 * 1000000;
		break;
	case KIND_SMALL:
		c->last = c->base + random_u32(r) % 5000;
		break;
	default:
		c->last = random_u64(r);
		break;
	}
	return c->last;
}

/* A list of a few elements, some of them twice, some long. */
static inline void
random_columns_other(struct random_columns *b, struct batch *batch,
    unsigned col, size_t row, uint64_t v)
{
	struct span *span = &batch->col[col].span[row];
	size_t n = v % 4, len = b->col[col].kind == KIND_CONSTANT ? 5 : v % 97;
	uint8_t *p;

	if (v % 1000 == 1 && b->col[col].kind != KIND_CONSTANT)
		len = 20000;
	p = batch_heap_take(batch, n * (OTHER_HEAD + len));
	if (p == NULL)
		return;
	*span = (struct span){ (uint32_t)(p - batch->heap),
		(uint32_t)(n * (OTHER_HEAD + len)) };
	for (; n > 0; n--, p += len) {
		other_put_head(p, (uint32_t)(v >> 40), (uint16_t)(v % 3),
		    (uint16_t)len);
		p += OTHER_HEAD;
		memset(p, (int)v, len);
	}
	batch_mark(batch, col, row, 1);
}

static inline void
random_columns_set(
    struct random_columns *b, struct batch *batch, unsigned col, size_t row)
{
	struct random_column *c = &b->col[col];
	uint64_t v = random_columns_value(b, c);
	struct addr a;

	switch (column_info[col].type) {
	case COLUMN_ADDR:
		a = random_u32(&b->random) % 255 < c->v6
		    ? addr_from_v6((struct addr6){ v >> 8, v })
		    : addr_from_v4((uint32_t)v);
		batch_set_addr(batch, col, row, &a);
		break;
	case COLUMN_BYTES:
		random_columns_other(b, batch, col, row, v);
		break;
	case COLUMN_MAC:
		batch_set_uint(batch, col, row, v & 0xffffffffffff);
		break;
	default:
		batch_set_uint(batch, col, row, v);
		break;
	}
}

/* Fill an empty batch; of its rows some are not selected if sparse. */
static inline void
random_columns_fill(
    struct random_columns *b, struct batch *batch, size_t n, bool sparse)
{
	size_t first = batch_append(batch, n);

	for (size_t row = first; row < first + n; row++) {
		for (unsigned i = 0; i < COL_COUNT; i++)
			if (b->col[i].used && (b->col[i].gaps == 0 ||
				random_u32(&b->random) % 256 >=
				    b->col[i].gaps))
				random_columns_set(b, batch, i, row);
		if (sparse && random_u32(&b->random) % 3 == 0)
			bitmap_clear(batch->selected, row);
	}
}

/* One value as in the other batch? */
static inline bool
random_columns_same_value(const struct batch *a, size_t row,
    const struct batch *b, size_t other, unsigned col)
{
	struct addr x, y;
	struct bytes p, q;

	if (batch_has(a, col, row) != batch_has(b, col, other))
		return false;
	if (!batch_has(a, col, row))
		return true;
	switch (column_info[col].type) {
	case COLUMN_ADDR:
		x = batch_addr(a, col, row);
		y = batch_addr(b, col, other);
		return addr_equal(&x, &y);
	case COLUMN_BYTES:
		p = batch_bytes(a, col, row);
		q = batch_bytes(b, col, other);
		return p.len == q.len && memcmp(p.ptr, q.ptr, p.len) == 0;
	default:
		return batch_uint(a, col, row) == batch_uint(b, col, other);
	}
}

/* The first column in which the rows differ, or -1. */
static inline int
random_columns_differ(const struct batch *a, size_t row, const struct batch *b,
    size_t other)
{
	for (unsigned i = 0; i < COL_COUNT; i++)
		if (!random_columns_same_value(a, row, b, other, i))
			return (int)i;
	return -1;
}

#endif
