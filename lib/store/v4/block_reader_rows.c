/*
 * Copies rows of a block into batches; see block_head.h. Nothing is checked
 * here: block_reader_open.c has verified all values.
 */
#include "block_reader_state.h"

/* The values of a run of rows, and where they go. */
struct run {
	const struct open_column *c;
	struct column *to;
	size_t first, n;	/* of the values that are stored */
};

/* Writes the misses: values that differ from the table. */
static void
put_misses(const struct run *run, uint32_t *out)
{
	const struct open_column *c = run->c;
	size_t lo = 0, hi = c->lookup.nmisses;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (c->lookup.miss_row[mid] < run->first)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < c->lookup.nmisses &&
	     c->lookup.miss_row[lo] < run->first + run->n;
	     lo++)
		out[c->lookup.miss_row[lo] - run->first] =
		    c->lookup.miss_value[lo];
}

/* The values as numbers of 32 bits, as they are stored. */
static void
values_get32(struct block_reader *r, const struct run *run, uint32_t *out)
{
	const struct open_column *c = run->c;

	if (c->entry->flags & ENTRY_CONSTANT) {
		for (size_t i = 0; i < run->n; i++)
			out[i] = (uint32_t)c->entry->min;
	} else if (c->layout == LAYOUT_LOOKUP) {
		const uint32_t *key = r->col[c->lookup.key].numbers +
		    run->first;
		const uint32_t *table = c->lookup.table;

		for (size_t i = 0; i < run->n; i++)
			out[i] = table[key[i]];
		put_misses(run, out);
	} else {
		int_stream_get32(&c->stream, run->first, run->n, out);
	}
}

static void
values_get64(const struct run *run, uint64_t *out)
{
	const struct open_column *c = run->c;
	const uint64_t min = c->entry->min;

	if (!(c->entry->flags & ENTRY_CONSTANT)) {
		int_stream_get64(&c->stream, run->first, run->n, out);
		return;
	}
	for (size_t i = 0, n = run->n; i < n; i++)
		out[i] = min;
}

/* Spreads consecutive values over the rows that have one. */
#define SPREAD(T, to, from) \
	do { \
		T *restrict out_ = (to) + r->at; \
		const size_t n_ = r->n; \
		size_t k_ = 0; \
\
		if (c->valid == NULL) \
			for (size_t i = 0; i < n_; i++) \
				out_[i] = (T)(from)[i]; \
		else \
			for (size_t i = 0; i < n_; i++) \
				if (bitmap_test(c->valid, r->first + i)) \
					out_[i] = (T)(from)[k_++]; \
	} while (0)

static void
fill_u32(struct block_reader *r, const struct run *run)
{
	const struct open_column *c = run->c;
	unsigned type = c->entry->type;

	if (type == COLUMN_U32 && c->valid == NULL) {
		values_get32(r, run, run->to->u32 + r->at);
		return;
	}
	values_get32(r, run, r->u32);
	if (type == COLUMN_U8)
		SPREAD(uint8_t, run->to->u8, r->u32);
	else if (type == COLUMN_U16)
		SPREAD(uint16_t, run->to->u16, r->u32);
	else
		SPREAD(uint32_t, run->to->u32, r->u32);
}

static void
fill_u64(struct block_reader *r, const struct run *run)
{
	const struct open_column *c = run->c;

	if (c->valid == NULL) {
		values_get64(run, run->to->u64 + r->at);
		return;
	}
	values_get64(run, r->u64);
	SPREAD(uint64_t, run->to->u64, r->u64);
}

static void
put_addr(const struct block_reader *r, struct column *to, size_t row,
    uint32_t number)
{
	if (number < r->n4) {
		to->u32[row] = r->addr4[number];
		return;
	}
	to->v6[row] = (struct addr6){ r->addr6_hi[number - r->n4],
		r->addr6_lo[number - r->n4] };
	bitmap_set(to->is6, row);
}

static void
fill_constant_addr(struct block_reader *r, const struct run *run)
{
	const struct block_column *e = run->c->entry;

	for (size_t i = 0; i < r->n; i++)
		if (e->flags & ENTRY_V4)
			run->to->u32[r->at + i] = e->min4;
		else
			run->to->v6[r->at + i] = e->min6;
	if (e->flags & ENTRY_V6)
		bitmap_set_range(run->to->is6, r->at, r->n);
}

static void
fill_addr(struct block_reader *r, const struct run *run)
{
	const struct open_column *c = run->c;
	const uint32_t *number = r->u32;
	size_t k = 0;

	if (c->entry->flags & ENTRY_CONSTANT) {
		fill_constant_addr(r, run);
		return;
	}
	if (c->layout == LAYOUT_PLAIN)
		number = c->numbers + run->first;
	else
		values_get32(r, run, r->u32);
	if (c->valid == NULL && r->n4 == r->naddrs) {
		uint32_t *restrict out = run->to->u32 + r->at;

		for (size_t i = 0; i < r->n; i++)
			out[i] = r->addr4[number[i]];
		return;
	}
	for (size_t i = 0; i < r->n; i++)
		if (c->valid == NULL ||
		    bitmap_test(c->valid, r->first + i))
			put_addr(r, run->to, r->at + i, number[k++]);
}

/* Gives the batch the dictionary of addresses. */
static void
give_table(struct block_reader *r, struct batch *batch)
{
	uint64_t serial = batch->table.serial;

	if (r->table_given)
		return;
	batch->table = (struct address_table){ .n = r->naddrs,
		.n4 = r->n4,
		.v4 = r->addr4,
		.v6_hi = r->addr6_hi,
		.v6_lo = r->addr6_lo,
		.serial = serial + 1 };
	r->table_given = true;
}

/* Fills in numbers instead of addresses, unless there is only one address. */
static bool
fill_numbers(struct block_reader *r, const struct run *run, unsigned col,
    struct batch *batch)
{
	const struct open_column *c = run->c;
	const uint32_t *number = r->u32;

	if (!colset_has(&batch->number_asked, col) ||
	    (c->entry->flags & ENTRY_CONSTANT))
		return false;
	if (c->layout == LAYOUT_PLAIN)
		number = c->numbers + run->first;
	else
		values_get32(r, run, r->u32);
	SPREAD(uint32_t, run->to->u32, number);
	colset_add(&batch->numbered, col);
	give_table(r, batch);
	return true;
}

static size_t
octets_end(const struct open_column *c, size_t i)
{
	if (c->layout == LAYOUT_TRANSPOSED)
		return i * c->octets.len;
	return i == 0 ? 0 : c->octets.end[i - 1];
}

/* There is room in the heap: see fitting_rows(). */
static void
fill_octets(struct block_reader *r, const struct run *run,
    struct batch *batch)
{
	const struct open_column *c = run->c;
	size_t k = run->first;

	for (size_t i = 0; i < r->n; i++) {
		struct span *span = &run->to->span[r->at + i];
		size_t begin = octets_end(c, k), len;
		uint8_t *p;

		if (c->valid != NULL && !bitmap_test(c->valid, r->first + i))
			continue;
		len = octets_end(c, k + 1) - begin;
		*span = (struct span){ (uint32_t)batch->heap_len,
			(uint32_t)len };
		p = batch_heap_take(batch, len);
		if (c->layout == LAYOUT_OCTETS)
			memcpy(p, c->octets.ptr + begin, len);
		else
			for (size_t o = 0; o < len; o++)
				p[o] = c->octets.ptr[o * c->n + k];
		k++;
	}
}

/*
 * Turns residuals into values; also in rows without one.
 */
static void
prediction_add(
    struct block_reader *r, const struct run *run, struct batch *batch)
{
	const struct predictor *p = run->c->predictor;
	const struct column *from = &batch->col[p->from];
	const struct column *by = &batch->col[p->by];
	const size_t n = r->n;

	if (run->c->entry->type == COLUMN_U32) {
		uint32_t *restrict v = run->to->u32 + r->at;
		const uint32_t *before = from->u32 + r->at;

		for (size_t i = 0; i < n; i++)
			v[i] = before[i] - v[i];
	} else if (p->kind == PREDICTOR_COLUMN) {
		uint64_t *restrict v = run->to->u64 + r->at;
		const uint64_t *before = from->u64 + r->at;

		for (size_t i = 0; i < n; i++)
			v[i] = before[i] - v[i];
	} else {
		uint64_t *restrict v = run->to->u64 + r->at;
		const uint64_t *agent = from->u64 + r->at;
		const uint32_t *uptime = by->u32 + r->at;
		const uint32_t *now = batch->col[COL_sys_uptime_ms].u32 +
		    r->at;

		for (size_t i = 0; i < n; i++)
			v[i] += predict_uptime(agent[i], now[i], uptime[i]);
	}
}

static void
rows_mark(const struct block_reader *r, const struct open_column *c,
    unsigned col, struct batch *batch)
{
	uint64_t *valid = batch->col[col].valid;

	if (c->valid == NULL) {
		batch_mark(batch, col, r->at, r->n);
		return;
	}
	BITMAP_FOREACH(i, c->valid, r->first, r->first + r->n) {
		bitmap_set(valid, r->at + i - r->first);
		colset_add(&batch->used, col);
	}
}

static void column_fill(
    struct block_reader *r, unsigned col, struct batch *batch);

/* Fills the columns that this one is computed from. */
static void
fill_needs(struct block_reader *r, const struct predictor *p,
    struct batch *batch)
{
	struct colset needs = predictor_needs(p);

	for (unsigned i = 0; i < COL_COUNT; i++)
		if (colset_has(&needs, i))
			column_fill(r, i, batch);
}

/* Is it the same number in every row, as most columns are? */
static bool
is_plain_constant(const struct open_column *c)
{
	return (c->entry->flags & ENTRY_CONSTANT) && c->valid == NULL &&
	    c->entry->type != COLUMN_ADDR && c->entry->type != COLUMN_BYTES;
}

static void
column_fill(struct block_reader *r, unsigned col, struct batch *batch)
{
	const struct open_column *c = &r->col[col];
	struct run run = { .c = c, .to = &batch->col[col] };
	bool predicted = c->layout == LAYOUT_RESIDUAL;

	if (c->entry == NULL || colset_has(&r->filled, col))
		return;
	colset_add(&r->filled, col);
	run.first = open_rank(c, r->first);
	run.n = open_rank(c, r->first + r->n) - run.first;
	if (predicted)
		fill_needs(r, c->predictor, batch);
	if (is_plain_constant(c)) {
		batch_fill_uint(batch, col, r->at, r->n, c->entry->min);
		return;
	}
	switch (c->entry->type) {
	case COLUMN_U8:
	case COLUMN_U16:
	case COLUMN_U32:
		fill_u32(r, &run);
		break;
	case COLUMN_ADDR:
		if (!fill_numbers(r, &run, col, batch))
			fill_addr(r, &run);
		break;
	case COLUMN_BYTES:
		fill_octets(r, &run, batch);
		break;
	default:
		fill_u64(r, &run);
		break;
	}
	if (predicted)
		prediction_add(r, &run, batch);
	rows_mark(r, c, col, batch);
}

/* How many of n rows from first on fit into the heap. */
static size_t
fitting_rows(const struct block_reader *r, size_t first, size_t n,
    const struct batch *batch)
{
	const struct open_column *c = &r->col[COL_other];
	size_t room = batch->heap_cap - batch->heap_len, begin;

	if (c->state != OPEN_DONE || c->entry == NULL)
		return n;
	begin = octets_end(c, open_rank(c, first));
	while (n > 0 &&
	    octets_end(c, open_rank(c, first + n)) - begin > room)
		n = n * 7 / 8;
	return n;
}

size_t
block_reader_rows(struct block_reader *r, size_t first, size_t n,
    struct colset cols, struct batch *batch)
{
	if (n > r->b->nrows - first)
		n = r->b->nrows - first;
	if (n > batch_room(batch))
		n = batch_room(batch);
	if (n > BATCH_ROWS)
		n = BATCH_ROWS;
	n = fitting_rows(r, first, n, batch);
	r->first = first;
	r->n = n;
	r->filled = (struct colset){ { 0, 0 } };
	if (n == 0)
		return 0;
	r->at = batch_append(batch, n);
	batch->from_log = r->b->flags & BLOCK_FROM_LOG;
	block_reader_more(r, cols, batch);
	return n;
}

void
block_reader_more(struct block_reader *r, struct colset cols,
    struct batch *batch)
{
	for (unsigned i = 0; i < COL_COUNT; i++)
		if (colset_has(&cols, i))
			column_fill(r, i, batch);
}
