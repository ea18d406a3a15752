/* Rows on their way into a block; see gather.h. */
#include <stdlib.h>
#include <string.h>

#include "gather.h"
#include "other.h"

enum {
	RUN = 2048	/* rows that are added at a time */
};

/* Rows of a batch that are added: all of a run, or those in a list. */
struct rows {
	size_t first, n;
	bool all;
	uint16_t at[RUN];	/* from first on */
};

bool
gather_init(struct gather *g, size_t max, uint64_t seed)
{
	*g = (struct gather){ .max = max < GATHER_ROWS ? max : GATHER_ROWS,
		.keep = { { ~UINT64_C(0), ~UINT64_C(0) } },
		.elements = { .all = true } };
	buf_init(&g->octets, GATHER_OCTETS);
	for (unsigned i = 0; i < COL_COUNT; i++)
		g->col[i].same = true;
	return addrpool_init(&g->pool, seed);
}

bool
gather_keep(struct gather *g, const struct colset *columns,
    const struct other_filter *elements)
{
	if (columns != NULL)
		g->keep = *columns;
	if (elements == NULL)
		return true;
	g->elements = *elements;
	if (elements->all || elements->n == 0)
		return true;
	g->ids = malloc(elements->n * sizeof(*g->ids));
	if (g->ids == NULL)
		return false;
	memcpy(g->ids, elements->ids, elements->n * sizeof(*g->ids));
	g->elements.ids = g->ids;
	return true;
}

void
gather_fini(struct gather *g)
{
	for (unsigned i = 0; i < COL_COUNT; i++) {
		free(g->col[i].u32);
		free(g->col[i].u64);
		free(g->col[i].valid);
	}
	free(g->ids);
	addrpool_fini(&g->pool);
	buf_fini(&g->octets);
}

void
gather_reset(struct gather *g)
{
	for (unsigned i = 0; i < COL_COUNT; i++) {
		struct gathered *c = &g->col[i];

		c->n = 0;
		c->same = true;
		c->some = false;
	}
	g->nrows = 0;
	g->used = (struct colset){ { 0, 0 } };
	g->failed = false;
	addrpool_reset(&g->pool);
	buf_reset(&g->octets);
}

static bool
is_wide(unsigned col)
{
	unsigned type = column_info[col].type;

	return type == COLUMN_U64 || type == COLUMN_TIME || type == COLUMN_MAC;
}

bool
gather_spread(struct gather *g, unsigned col)
{
	struct gathered *c = &g->col[col];

	if (is_wide(col) && c->u64 == NULL)
		c->u64 = malloc(GATHER_ROWS * sizeof(*c->u64));
	if (!is_wide(col) && c->u32 == NULL)
		c->u32 = malloc(GATHER_ROWS * sizeof(*c->u32));
	if (c->u32 == NULL && c->u64 == NULL)
		return false;
	for (size_t i = 0; c->same && i < c->n; i++)
		if (c->u64 != NULL)
			c->u64[i] = c->first;
		else
			c->u32[i] = (uint32_t)c->first;
	c->same = false;
	return true;
}

bool
gather_same_rows(const struct gather *g, unsigned a, unsigned b)
{
	const struct gathered *x = &g->col[a], *y = &g->col[b];

	if (x->n != y->n || x->n == 0 || !colset_has(&g->used, b))
		return false;
	return !x->some || memcmp(x->valid, y->valid,
	    bitmap_words(g->nrows) * sizeof(*x->valid)) == 0;
}

/* Is every value of the run the first of the column? */
#define ALL_SAME(array) \
	do { \
		for (size_t i = 0; i < n; i++) \
			differ |= (array)[at + i] ^ (array)[at]; \
		value = (array)[at]; \
	} while (0)

static bool
stays_same(const struct gathered *c, const struct column *from, unsigned type,
    size_t at, size_t n, uint64_t *first)
{
	uint64_t differ = 0, value = 0;

	if (!c->same)
		return false;
	switch (type) {
	case COLUMN_U8:
		ALL_SAME(from->u8);
		break;
	case COLUMN_U16:
		ALL_SAME(from->u16);
		break;
	case COLUMN_U32:
		ALL_SAME(from->u32);
		break;
	case COLUMN_U64:
	case COLUMN_TIME:
	case COLUMN_MAC:
		ALL_SAME(from->u64);
		break;
	default:
		return false;
	}
	*first = value;
	return differ == 0 && (c->n == 0 || value == c->first);
}

static void
put_addrs(struct gather *g, struct gathered *c, const struct column *from,
    const struct rows *rows)
{
	uint32_t *out = c->u32 + c->n;

	if (rows->all && bitmap_next(from->is6, rows->first,
	    rows->first + rows->n) == rows->first + rows->n) {
		addrpool_put4_run(&g->pool, from->u32 + rows->first, rows->n, out);
		return;
	}
	for (size_t i = 0; i < rows->n; i++) {
		size_t r = rows->first + (rows->all ? i : rows->at[i]);

		out[i] = bitmap_test(from->is6, r)
		    ? addrpool_put6(&g->pool, from->v6[r])
		    : addrpool_put4(&g->pool, from->u32[r]);
	}
}

/* Is it a list of elements of which some are left out? */
static bool
is_filtered(const struct gather *g, unsigned col)
{
	return (column_info[col].flags & COLUMN_OTHER) && !g->elements.all;
}

/* The octets of those that are kept, which are appended to out if not NULL. */
static size_t
filter_elements(const struct gather *g, struct bytes list, struct buf *out)
{
	struct wire w;
	struct other o;
	size_t len = 0;

	wire_init(&w, list);
	while (other_next(&w, &o)) {
		size_t entry = OTHER_HEAD + o.value.len;

		if (!other_filter_has(&g->elements, o.pen, o.id))
			continue;
		if (out != NULL)
			buf_append(out, o.value.ptr - OTHER_HEAD, entry);
		len += entry;
	}
	return len;
}

static void
put_octets(struct gather *g, const struct batch *batch, unsigned col,
    const struct rows *rows)
{
	struct gathered *c = &g->col[col];
	uint32_t *out = c->u32 + c->n;
	bool filtered = is_filtered(g, col);

	for (size_t i = 0; i < rows->n; i++) {
		size_t r = rows->first + (rows->all ? i : rows->at[i]);
		struct bytes b = batch_bytes(batch, col, r);

		out[i] = (uint32_t)b.len;
		if (filtered)
			out[i] = (uint32_t)filter_elements(g, b, &g->octets);
		else
			buf_append(&g->octets, b.ptr, b.len);
	}
	if (!buf_ok(&g->octets))
		g->failed = true;
}

/* Named once, so that stores are not taken for changes of n and the like. */
#define PUT(T, to, from_array) \
	do { \
		T *restrict out = (to) + c->n; \
		size_t n = rows->n; \
\
		if (rows->all) \
			for (size_t i = 0; i < n; i++) \
				out[i] = (from_array)[rows->first + i]; \
		else \
			for (size_t i = 0; i < n; i++) \
				out[i] = (from_array)[rows->first + \
				    rows->at[i]]; \
	} while (0)

static void
put_values(struct gather *g, const struct batch *batch, unsigned col,
    const struct rows *rows)
{
	const struct column *from = &batch->col[col];
	struct gathered *c = &g->col[col];
	unsigned type = column_info[col].type;
	uint64_t first = 0;

	if (rows->n == 0)
		return;
	if (rows->all &&
	    stays_same(c, from, type, rows->first, rows->n, &first)) {
		c->first = first;
		c->n += rows->n;
		return;
	}
	if (!gather_spread(g, col)) {
		g->failed = true;
		return;
	}
	switch (type) {
	case COLUMN_U8:
		PUT(uint32_t, c->u32, from->u8);
		break;
	case COLUMN_U16:
		PUT(uint32_t, c->u32, from->u16);
		break;
	case COLUMN_U32:
		PUT(uint32_t, c->u32, from->u32);
		break;
	case COLUMN_ADDR:
		put_addrs(g, c, from, rows);
		break;
	case COLUMN_BYTES:
		put_octets(g, batch, col, rows);
		break;
	default:
		PUT(uint64_t, c->u64, from->u64);
		break;
	}
	c->n += rows->n;
}

/* A column gets its first gap: so far every row had a value, or none had. */
static bool
begin_gaps(struct gather *g, struct gathered *c)
{
	if (c->some)
		return true;
	if (c->valid == NULL)
		c->valid = malloc(bitmap_words(GATHER_ROWS) *
		    sizeof(*c->valid));
	if (c->valid == NULL) {
		g->failed = true;
		return false;
	}
	memset(c->valid, 0, bitmap_words(GATHER_ROWS) * sizeof(*c->valid));
	bitmap_set_range(c->valid, 0, c->n);
	c->some = true;
	return true;
}

/* Those of the rows that have a value in the column, as rows of their own. */
static void
put_some(struct gather *g, const struct batch *batch, unsigned col,
    const struct rows *rows)
{
	const uint64_t *valid = batch->col[col].valid;
	struct gathered *c = &g->col[col];
	struct rows mine = { .first = rows->first };
	bool filtered = is_filtered(g, col);

	if (!begin_gaps(g, c))
		return;
	for (size_t i = 0; i < rows->n; i++) {
		size_t at = rows->all ? i : rows->at[i];

		if (!bitmap_test(valid, rows->first + at) ||
		    (filtered && filter_elements(g, batch_bytes(batch, col,
			rows->first + at), NULL) == 0))
			continue;
		mine.at[mine.n++] = (uint16_t)at;
		bitmap_set(c->valid, g->nrows + i);
	}
	put_values(g, batch, col, &mine);
}

/* All bits of a range? */
static bool
covers(const uint64_t *map, size_t first, size_t n)
{
	while (n > 0) {
		size_t bit = first % 64, take = 64 - bit < n ? 64 - bit : n;
		uint64_t want = bitmap_low(take) << bit;

		if ((map[first / 64] & want) != want)
			return false;
		first += take;
		n -= take;
	}
	return true;
}

/* A column all of whose rows so far lack it becomes one that has gaps. */
static void
put_column(struct gather *g, const struct batch *batch, unsigned col,
    const struct rows *rows)
{
	struct gathered *c = &g->col[col];
	bool here = colset_has(&batch->used, col);
	bool full = here && (rows->all && !is_filtered(g, col)
	    ? covers(batch->col[col].valid, rows->first, rows->n)
	    : false);

	if (full && c->n == g->nrows) {
		put_values(g, batch, col, rows);
	} else if (!here) {
		(void)begin_gaps(g, c);
	} else {
		put_some(g, batch, col, rows);
	}
}

static size_t
count_addrs(const struct batch *batch)
{
	size_t n = 0;

	for (unsigned i = 0; i < COL_COUNT; i++)
		n += column_info[i].type == COLUMN_ADDR &&
		    colset_has(&batch->used, i);
	return n;
}

static void
add_rows(struct gather *g, const struct batch *batch, const struct rows *rows)
{
	if (!addrpool_reserve(&g->pool, rows->n * count_addrs(batch))) {
		g->failed = true;
		return;
	}
	for (unsigned i = 0; i < COL_COUNT; i++) {
		if (colset_has(&batch->used, i) && colset_has(&g->keep, i))
			colset_add(&g->used, i);
		if (colset_has(&g->used, i))
			put_column(g, batch, i, rows);
	}
	g->nrows += rows->n;
}

/* The next run of selected rows, at most max of them. */
static void
next_rows(const struct batch *batch, size_t row, size_t max,
    struct rows *rows)
{
	size_t end = batch->nrows - row < RUN ? batch->nrows : row + RUN;

	if (max > RUN)
		max = RUN;
	rows->first = row;
	rows->n = 0;
	rows->all = end - row <= max &&
	    covers(batch->selected, row, end - row);
	if (rows->all) {
		rows->n = end - row;
		return;
	}
	for (size_t r = bitmap_next(batch->selected, row, end);
	     r < end && rows->n < max;
	     r = bitmap_next(batch->selected, r + 1, end))
		rows->at[rows->n++] = (uint16_t)(r - row);
}

size_t
gather_add(struct gather *g, const struct batch *batch, size_t row)
{
	struct rows rows;

	if (g->nrows > 0 && (g->from_log != batch->from_log ||
		g->octets.len + batch->heap_len > GATHER_OCTETS))
		return row;
	g->from_log = batch->from_log;
	while (row < batch->nrows && !g->failed) {
		row = bitmap_next(batch->selected, row, batch->nrows);
		if (row == batch->nrows || g->nrows == g->max)
			break;
		next_rows(batch, row, g->max - g->nrows, &rows);
		add_rows(g, batch, &rows);
		row += rows.all ? rows.n : (size_t)rows.at[rows.n - 1] + 1;
	}
	return row;
}
