/* Batches, of the public header; see include/flowd/batch.h. */
#include <stdlib.h>

#include "element.h"
#include "flowd_addr.h"
#include "flowd_batch.h"
#include "other.h"

_Static_assert(sizeof(struct flowd_addr6) == sizeof(struct addr6) &&
	offsetof(struct flowd_addr6, lo) == offsetof(struct addr6, lo),
    "IPv6 addresses are the same outside");
_Static_assert(sizeof(struct flowd_span) == sizeof(struct span) &&
	offsetof(struct flowd_span, length) == offsetof(struct span, len),
    "and so are spans");

enum { VALUE_OCTETS_MAX = 65535 };

struct flowd_batch *
flowd_batch_of(const struct column_list *columns, size_t rows,
    struct flowd_error *err)
{
	struct flowd_batch *b = calloc(1, sizeof(*b));

	if (rows == 0)
		rows = FLOWD_BATCH_ROWS;
	if (b != NULL)
		b->rows = batch_new_columns(
		    (rows + 63) / 64 * 64, column_list_set(columns));
	if (b == NULL || b->rows == NULL) {
		free(b);
		(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
		return NULL;
	}
	/* So many as were asked for, and not one more. */
	b->rows->cap = rows;
	atomic_init(&b->references, 1);
	b->columns = *columns;
	for (size_t i = 0; i < columns->n; i++)
		b->numbers[i] = column_info[columns->col[i]].id;
	return b;
}

bool
flowd_batch_is_shared(const struct flowd_batch *b)
{
	return atomic_load_explicit(&b->references, memory_order_acquire) > 1;
}

int
flowd_batch_renew(struct flowd_batch **b, const struct column_list *columns,
    size_t rows, struct flowd_error *err)
{
	if (*b != NULL && !flowd_batch_is_shared(*b)) {
		batch_reset((*b)->rows);
		return 0;
	}
	flowd_batch_free(*b);
	*b = flowd_batch_of(columns, rows, err);
	return *b != NULL ? 0 : FLOWD_ENOMEM;
}

struct flowd_batch *
flowd_batch_new(const char *columns, size_t rows, struct flowd_error *err)
{
	struct column_list list = { .n = 0 };

	if (rows > FLOWD_BATCH_MAX) {
		(void)flowd_fail(err, FLOWD_ERANGE,
		    "a batch has at most %d rows", FLOWD_BATCH_MAX);
		return NULL;
	}
	if (columns == NULL)
		column_list_all(&list, true);
	else if (column_list_parse(&list, columns, true, err) != 0)
		return NULL;
	return flowd_batch_of(&list, rows, err);
}

/* References are counted in a batch that does not change otherwise. */
static struct flowd_batch *
batch_of_const(const struct flowd_batch *b)
{
	return (struct flowd_batch *)(uintptr_t)b;
}

const struct flowd_batch *
flowd_batch_ref(const struct flowd_batch *b)
{
	(void)atomic_fetch_add_explicit(&batch_of_const(b)->references, 1,
	    memory_order_relaxed);
	return b;
}

void
flowd_batch_free(const struct flowd_batch *b)
{
	struct flowd_batch *own = batch_of_const(b);

	if (own == NULL ||
	    atomic_fetch_sub_explicit(
		&own->references, 1, memory_order_acq_rel) > 1)
		return;
	batch_free(own->rows);
	free(own);
}

size_t
flowd_batch_rows(const struct flowd_batch *b)
{
	return b->rows->nrows;
}

const int *
flowd_batch_columns(const struct flowd_batch *b, size_t *n)
{
	*n = b->columns.n;
	return b->numbers;
}

/* --- Values --- */

/* The index of a column of the batch that has a value in this row, or -1. */
static int
flowd_batch_find(const struct flowd_batch *b, int column, size_t row)
{
	int col = flowd_column_index(column);

	return col >= 0 && row < b->rows->nrows &&
		batch_has(b->rows, (unsigned)col, row)
	    ? col
	    : -1;
}

int
flowd_batch_has(const struct flowd_batch *b, int column, size_t row)
{
	return flowd_batch_find(b, column, row) >= 0;
}

uint64_t
flowd_batch_uint(const struct flowd_batch *b, int column, size_t row)
{
	int col = flowd_batch_find(b, column, row);

	return col >= 0 && column_info[col].type != COLUMN_TIME
	    ? batch_uint(b->rows, (unsigned)col, row)
	    : 0;
}

int64_t
flowd_batch_time(const struct flowd_batch *b, int column, size_t row)
{
	int col = flowd_batch_find(b, column, row);

	return col >= 0 && column_info[col].type == COLUMN_TIME
	    ? b->rows->col[col].ns[row]
	    : 0;
}

struct flowd_addr
flowd_batch_addr(const struct flowd_batch *b, int column, size_t row)
{
	int col = flowd_batch_find(b, column, row);
	struct addr a = { .family = ADDR_NONE };

	if (col >= 0 && column_info[col].type == COLUMN_ADDR)
		a = batch_addr(b->rows, (unsigned)col, row);
	return flowd_addr_of(&a);
}

const uint8_t *
flowd_batch_octets(
    const struct flowd_batch *b, int column, size_t row, size_t *len)
{
	int col = flowd_batch_find(b, column, row);
	struct bytes value = { NULL, 0 };

	if (col >= 0 && column_info[col].type == COLUMN_BYTES)
		value = batch_bytes(b->rows, (unsigned)col, row);
	*len = value.len;
	return value.ptr;
}

/* --- Columns --- */

static void
values_of(const struct batch *rows, const struct column *c, unsigned type,
    struct flowd_vector *v)
{
	*v = (struct flowd_vector) {
		.type = (int)type + 1,
		.nrows = rows->nrows,
		.nvalid = bitmap_count(c->valid, rows->nrows),
		.valid = c->valid,
		.values = c->u8,
	};
	if (type == COLUMN_ADDR) {
		v->is6 = c->is6;
		v->v6 = (const struct flowd_addr6 *)(const void *)c->v6;
		v->nv6 = bitmap_count(c->is6, rows->nrows);
	}
	if (type == COLUMN_BYTES)
		v->heap = rows->heap;
}

int
flowd_batch_vector(
    const struct flowd_batch *b, int column, struct flowd_vector *values)
{
	int col = flowd_column_index(column);

	if (col < 0 || !colset_has(&b->rows->columns, (unsigned)col))
		return FLOWD_EINVAL;
	values_of(b->rows, &b->rows->col[col], column_info[col].type, values);
	return 0;
}

static void
put_addr16(const struct column *c, size_t row, uint8_t *out)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (!bitmap_test(c->valid, row)) {
		memset(out, 0, 16);
	} else if (bitmap_test(c->is6, row)) {
		addr6_store(out, c->v6[row]);
	} else {
		memcpy(out, mapped, sizeof(mapped));
		store_be32(out + sizeof(mapped), c->u32[row]);
	}
}

int
flowd_batch_addr16(
    const struct flowd_batch *b, int column, uint8_t (*out)[16])
{
	int col = flowd_column_index(column);

	if (col < 0 || !colset_has(&b->rows->columns, (unsigned)col) ||
	    column_info[col].type != COLUMN_ADDR)
		return FLOWD_EINVAL;
	for (size_t row = 0; row < b->rows->nrows; row++)
		put_addr16(&b->rows->col[col], row, out[row]);
	return 0;
}

/* --- Filling --- */

int
flowd_batch_clear(struct flowd_batch *b)
{
	if (flowd_batch_is_shared(b))
		return FLOWD_EINVAL;
	batch_reset(b->rows);
	return 0;
}

void
flowd_batch_clear_values(struct flowd_batch *b, size_t row)
{
	struct batch *rows = b->rows;

	for (unsigned i = 0; i < COL_COUNT; i++) {
		size_t size = batch_value_size[column_info[i].type];

		if (colset_has(&rows->columns, i))
			memset(rows->col[i].u8 + row * size, 0, size);
	}
}

int
flowd_batch_append(struct flowd_batch *b)
{
	size_t row;

	if (flowd_batch_is_shared(b))
		return FLOWD_EINVAL;
	if (batch_room(b->rows) == 0)
		return FLOWD_ERANGE;
	row = batch_append(b->rows, 1);
	flowd_batch_clear_values(b, row);
	return (int)row;
}

/*
 * A column of one of these types in a row that there is, of a batch that nobody
 * else has; or -1.
 */
static int
column_to_set(
    const struct flowd_batch *b, int column, size_t row, unsigned types)
{
	int col = flowd_column_index(column);

	return !flowd_batch_is_shared(b) && col >= 0 &&
		row < b->rows->nrows &&
		colset_has(&b->rows->columns, (unsigned)col) &&
		types >> column_info[col].type & 1
	    ? col
	    : -1;
}

int
flowd_batch_set_uint(
    struct flowd_batch *b, int column, size_t row, uint64_t value)
{
	const unsigned integers = 1U << COLUMN_U8 | 1U << COLUMN_U16 |
	    1U << COLUMN_U32 | 1U << COLUMN_U64 | 1U << COLUMN_MAC;
	int col = column_to_set(b, column, row, integers);

	if (col < 0)
		return FLOWD_EINVAL;
	if (value > column_max((unsigned)col) ||
	    (column_info[col].type == COLUMN_MAC && value >> 48 != 0))
		return FLOWD_ERANGE;
	batch_set_uint(b->rows, (unsigned)col, row, value);
	return 0;
}

int
flowd_batch_set_time(struct flowd_batch *b, int column, size_t row, int64_t ns)
{
	int col = column_to_set(b, column, row, 1U << COLUMN_TIME);

	if (col < 0)
		return FLOWD_EINVAL;
	batch_set_uint(b->rows, (unsigned)col, row, (uint64_t)ns);
	return 0;
}

int
flowd_batch_set_addr(struct flowd_batch *b, int column, size_t row,
    const struct flowd_addr *a)
{
	int col = column_to_set(b, column, row, 1U << COLUMN_ADDR);
	struct addr own;

	if (col < 0 || !flowd_addr_get(a, &own))
		return FLOWD_EINVAL;
	if (own.family != ADDR_V4)
		b->rows->col[col].u32[row] = 0;
	if (own.family == ADDR_NONE)
		bitmap_clear(b->rows->col[col].is6, row);
	batch_set_addr(b->rows, (unsigned)col, row, &own);
	return 0;
}

/* Is it a list of elements, whole to its end? */
static bool
is_elements(const uint8_t *octets, size_t len)
{
	struct flowd_element e;
	int got;

	while ((got = flowd_element_next(&octets, &len, &e)) == 1)
		;
	return got == 0;
}

int
flowd_batch_set_octets(struct flowd_batch *b, int column, size_t row,
    const void *octets, size_t len)
{
	int col = column_to_set(b, column, row, 1U << COLUMN_BYTES);
	struct span *span;
	uint8_t *room;

	if (col < 0 || !is_elements(octets, len))
		return FLOWD_EINVAL;
	if (len > VALUE_OCTETS_MAX)
		return FLOWD_ERANGE;
	if ((room = batch_heap_take(b->rows, len)) == NULL)
		return FLOWD_ENOMEM;
	if (len > 0)
		memcpy(room, octets, len);
	span = &b->rows->col[col].span[row];
	*span = (struct span) { (uint32_t)(room - b->rows->heap),
		(uint32_t)len };
	batch_mark(b->rows, (unsigned)col, row, 1);
	return 0;
}

/* --- Elements --- */

int
flowd_element_next(
    const uint8_t **octets, size_t *len, struct flowd_element *element)
{
	struct element_text text;
	struct other o;
	struct wire w;

	wire_init(&w, (struct bytes) { *octets, *len });
	if (!other_next(&w, &o))
		return wire_ok(&w) ? 0 : FLOWD_EFORMAT;
	*octets = w.at;
	*len = wire_left(&w);
	element_text(o.pen, o.id, &text);
	*element = (struct flowd_element) {
		.pen = o.pen,
		.id = o.id,
		.length = (uint16_t)o.value.len,
		.value = o.value.ptr,
		.name = text.name,
		.reverse = text.reverse,
	};
	return 1;
}
