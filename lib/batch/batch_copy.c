/* Rows behind those of another batch; see batch_copy.h. */
#include "batch_copy.h"
#include "vectorize.h"

enum {
	CHUNK = 2048 /* rows that are copied at a time */
};

/* Rows of the one that go to the other, where they begin at row at. */
struct copied_rows {
	uint32_t row[CHUNK];
	size_t n;
	bool run; /* they lie one behind the other */
	size_t at;
};

/* The next rows that are selected, as far as there is room for them. */
static void
copied_rows_find(
    struct copied_rows *r, const struct batch *from, size_t row, size_t room)
{
	size_t most = room < CHUNK ? room : CHUNK;

	r->n = 0;
	for (row = bitmap_next(from->selected, row, from->nrows);
	     row < from->nrows && r->n < most;
	     row = bitmap_next(from->selected, row + 1, from->nrows))
		r->row[r->n++] = (uint32_t)row;
}

/* No more rows than there is room for in the heap. */
static void
copied_rows_fit(struct copied_rows *r, const struct batch *to,
    const struct batch *from)
{
	const struct column *c = &from->col[COL_other];
	size_t room = to->heap_cap - to->heap_len;

	if (!colset_has(&to->columns, COL_other) ||
	    !colset_has(&from->used, COL_other))
		return;
	for (size_t i = 0; i < r->n; i++) {
		size_t len = bitmap_test(c->valid, r->row[i])
		    ? c->span[r->row[i]].len
		    : 0;

		if (len > room) {
			r->n = i;
			return;
		}
		room -= len;
	}
}

/* Copies one array of values, of whatever size. */
#define COPY(to_, from_) \
	do { \
		if (r->run) \
			memcpy((to_) + r->at, (from_) + r->row[0], \
			    r->n * sizeof(*(to_))); \
		else \
			for (size_t i = 0, n = r->n; i < n; i++) \
				(to_)[r->at + i] = (from_)[r->row[i]]; \
	} while (0)

VECTORIZE static void
values_copy(const struct copied_rows *r, unsigned type,
    const struct column *to, const struct column *from)
{
	switch (type) {
	case COLUMN_U8:
		COPY(to->u8, from->u8);
		break;
	case COLUMN_U16:
		COPY(to->u16, from->u16);
		break;
	case COLUMN_U32:
		COPY(to->u32, from->u32);
		break;
	default:
		COPY(to->u64, from->u64);
		break;
	}
}

static void
addresses_copy(const struct copied_rows *r, const struct column *to,
    const struct column *from)
{
	COPY(to->u32, from->u32);
	for (size_t i = 0; i < r->n; i++) {
		if (!bitmap_test(from->is6, r->row[i]))
			continue;
		bitmap_set(to->is6, r->at + i);
		to->v6[r->at + i] = from->v6[r->row[i]];
		to->u32[r->at + i] = 0;
	}
}

/* Addresses for their numbers. */
static void
numbers_copy(const struct copied_rows *r, const struct column *to,
    const struct column *from, const struct address_table *table)
{
	for (size_t i = 0; i < r->n; i++) {
		size_t number = from->u32[r->row[i]];

		if (!bitmap_test(from->valid, r->row[i]))
			continue;
		if (number < table->n4) {
			to->u32[r->at + i] = table->v4[number];
			continue;
		}
		number -= table->n4;
		bitmap_set(to->is6, r->at + i);
		to->v6[r->at + i] = (struct addr6) { table->v6_hi[number],
			table->v6_lo[number] };
		to->u32[r->at + i] = 0;
	}
}

static void
octets_copy(const struct copied_rows *r, struct batch *to,
    const struct batch *from, unsigned col)
{
	const struct column *c = &from->col[col];

	for (size_t i = 0; i < r->n; i++) {
		struct bytes value = batch_bytes(from, col, r->row[i]);
		struct span span = { (uint32_t)to->heap_len,
			(uint32_t)value.len };

		to->col[col].span[r->at + i] = span;
		/* There is room: see copied_rows_fit(). */
		if (value.len > 0)
			memcpy(batch_heap_take(to, value.len),
			    from->heap + c->span[r->row[i]].off, value.len);
	}
}

/* A row without a value; octets of no length were copied. */
static void
value_clear(const struct column *to, unsigned type, size_t row)
{
	size_t size = batch_value_size[type];

	if (type == COLUMN_BYTES)
		return;
	memset(to->u8 + row * size, 0, size);
	if (type == COLUMN_ADDR)
		bitmap_clear(to->is6, row);
}

/* Marks the rows that have a value, and clears the values of the others. */
static void
rows_mark(const struct copied_rows *r, unsigned col, struct batch *to,
    const struct batch *from)
{
	const uint64_t *valid = from->col[col].valid;
	size_t span = r->row[r->n - 1] - r->row[0] + 1;

	if (bitmap_full_range(valid, r->row[0], span)) {
		batch_mark(to, col, r->at, r->n);
		return;
	}
	for (size_t i = 0; i < r->n; i++) {
		if (bitmap_test(valid, r->row[i]))
			batch_mark(to, col, r->at + i, 1);
		else
			value_clear(
			    &to->col[col], column_info[col].type, r->at + i);
	}
}

static void
column_copy(const struct copied_rows *r, unsigned col, struct batch *to,
    const struct batch *from)
{
	const unsigned type = column_info[col].type;
	const struct column *in = &from->col[col], *out = &to->col[col];

	if (!colset_has(&from->used, col)) {
		memset(out->u8 + r->at * batch_value_size[type], 0,
		    r->n * batch_value_size[type]);
		return;
	}
	if (type == COLUMN_BYTES)
		octets_copy(r, to, from, col);
	else if (type == COLUMN_ADDR && colset_has(&from->numbered, col))
		numbers_copy(r, out, in, &from->table);
	else if (type == COLUMN_ADDR)
		addresses_copy(r, out, in);
	else
		values_copy(r, type, out, in);
	rows_mark(r, col, to, from);
}

size_t
batch_copy(struct batch *to, const struct batch *from, size_t row)
{
	struct copied_rows r;

	if (to->nrows > 0 && to->from_log != from->from_log)
		return row;
	to->from_log = from->from_log;
	for (;;) {
		copied_rows_find(&r, from, row, batch_room(to));
		copied_rows_fit(&r, to, from);
		if (r.n == 0)
			break;
		r.run = r.row[r.n - 1] - r.row[0] + 1 == r.n;
		r.at = batch_append(to, r.n);
		for (unsigned i = 0; i < COL_COUNT; i++)
			if (colset_has(&to->columns, i))
				column_copy(&r, i, to, from);
		row = r.row[r.n - 1] + 1;
	}
	return bitmap_next(from->selected, row, from->nrows);
}
