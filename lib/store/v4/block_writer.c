/*
 * Writing blocks; see block_head.h. Rows are collected as they come. When the
 * block is finished, its addresses are sorted, each column is laid out, and the
 * head is written last.
 */
#include <stdlib.h>

#include "block_builder.h"
#include "block_writer.h"
#include "flow_time.h"
#include "int_stream.h"
#include "lookup.h"
#include "predictor.h"
#include "vectorize.h"

enum {
	SCRATCH_MAX = 256 * 1024 * 1024
};

struct block_writer {
	struct block_builder builder;
	struct compressor *compressor;
	struct scratch scratch;
	struct buf *out;	/* which the block is appended to */
	size_t data;		/* where its data begins in out */
	size_t head_len;	/* of the last block's head */
	bool addresses;		/* some column uses the dictionary */
	bool tables[LOOKUP_TABLES]; /* some column uses this table */
	size_t ncolumns;
	struct block_column column[BLOCK_COLUMNS];
};

struct block_writer *
block_writer_new(const struct block_options *options)
{
	struct block_writer *w = calloc(1, sizeof(*w));
	size_t rows = options->rows != 0 ? options->rows : BLOCK_ROWS;

	if (w == NULL)
		return NULL;
	scratch_init(&w->scratch, SCRATCH_MAX);
	w->compressor = compressor_new(options->compression, options->level);
	if (block_builder_init(&w->builder, rows, options->seed) &&
	    block_builder_keep(
		&w->builder, options->columns, options->elements) &&
	    w->compressor != NULL)
		return w;
	block_writer_free(w);
	return NULL;
}

void
block_writer_free(struct block_writer *w)
{
	if (w == NULL)
		return;
	block_builder_fini(&w->builder);
	compressor_free(w->compressor);
	scratch_fini(&w->scratch);
	free(w);
}

size_t
block_writer_add(struct block_writer *w, const struct batch *batch, size_t row)
{
	return block_builder_add(&w->builder, batch, row);
}

size_t
block_writer_rows(const struct block_writer *w)
{
	return w->builder.nrows;
}

static struct int_stream_writer
int_stream_writer(struct block_writer *w)
{
	return (struct int_stream_writer){ .compressor = w->compressor,
		.scratch = &w->scratch, .out = w->out };
}

static void
stream_put(struct block_writer *w, struct values *v)
{
	struct int_stream_writer s = int_stream_writer(w);

	int_stream_put(&s, v);
}

static void
put_u16(struct block_writer *w, unsigned v)
{
	uint8_t *p = buf_room(w->out, 2);

	if (p == NULL)
		return;
	store_le16(p, (uint16_t)v);
	w->out->len += 2;
}

static void
put_u32(struct block_writer *w, uint32_t v)
{
	uint8_t *p = buf_room(w->out, 4);

	if (p == NULL)
		return;
	store_le32(p, v);
	w->out->len += 4;
}

/* The gaps of a column, as a bitmap. */
static void
put_gaps(struct block_writer *w, const struct column_builder *c)
{
	size_t words = bitmap_words(w->builder.nrows);
	uint8_t *octets = scratch_take(&w->scratch, words * 8);

	if (octets == NULL) {
		w->out->failed = true;
		return;
	}
	for (size_t i = 0; i < words; i++)
		store_le64(octets + 8 * i, c->valid[i]);
	compressor_put(w->compressor, octets, words * 8, w->out);
}

static void
residual32(size_t n, const uint32_t *v, const uint32_t *from,
    uint32_t *restrict out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = from[i] - v[i];
}

static void
residual64(size_t n, const uint64_t *v, const uint64_t *from,
    uint64_t *restrict out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = from[i] - v[i];
}

/* Mostly the residual is zero or constant; returns whether it is. */
static bool
residual_uptime(size_t n, const uint64_t *v, const uint64_t *agent,
    const uint32_t *now, const uint32_t *uptime, uint64_t *restrict out)
{
	uint64_t first = v[0] - predict_uptime(agent[0], now[0], uptime[0]);
	uint64_t differ = 0;

	for (size_t i = 0; i < n; i++) {
		out[i] = v[i] - predict_uptime(agent[i], now[i], uptime[i]);
		differ |= out[i] ^ first;
	}
	return differ == 0;
}

/*
 * Computes the residual in scratch. False when out of memory.
 */
static bool
residual_compute(struct block_writer *w, const struct predictor *p,
    const struct values *v, struct values *residual)
{
	const struct column_builder *from = &w->builder.col[p->from];
	const struct column_builder *by = &w->builder.col[p->by];
	const struct column_builder *now = &w->builder.col[COL_sys_uptime_ms];
	void *out = scratch_take(&w->scratch, v->n * v->width);

	*residual = (struct values){ .n = v->n, .width = v->width, .any = out,
		.is_signed = true, .scaled = v->width == 8 };
	if (out == NULL)
		return false;
	if (v->width == 4) {
		residual32(v->n, v->u32, from->u32, out);
	} else if (p->kind == PREDICTOR_COLUMN) {
		residual64(v->n, v->u64, from->u64, out);
	} else if (residual_uptime(v->n, v->u64, from->u64, now->u32, by->u32,
	    out)) {
		residual->ranged = true;
		residual->min = residual->max = residual->u64[0];
	}
	return true;
}

/* Are all columns there that the prediction needs, in the same rows? */
static bool
predictor_applies(struct block_writer *w, const struct predictor *p)
{
	struct colset needs = predictor_needs(p);

	for (unsigned i = 0; i < COL_COUNT; i++)
		if (colset_has(&needs, i) &&
		    (!block_builder_same_rows(&w->builder, p->col, i) ||
			!block_builder_materialize(&w->builder, i)))
			return false;
	return true;
}

static bool
put_predicted(struct block_writer *w, unsigned col, struct values *v)
{
	struct scratch_mark mark = scratch_mark(&w->scratch);
	struct values residual;

	for (size_t i = 0; i < PREDICTORS; i++) {
		const struct predictor *p = &predictors[i];

		if (p->col != col || !predictor_applies(w, p) ||
		    !residual_compute(w, p, v, &residual) ||
		    values_span(&residual) > values_span(v))
			continue;
		buf_append_char(w->out, LAYOUT_RESIDUAL);
		buf_append_char(w->out, (char)p->id);
		stream_put(w, &residual);
		scratch_release(&w->scratch, mark);
		return true;
	}
	scratch_release(&w->scratch, mark);
	return false;
}

static bool
put_lookup(struct block_writer *w, unsigned col)
{
	const struct lookup *l = lookup_find(col);
	const struct lookup_misses *misses;
	struct values out;

	if (l == NULL || !block_builder_look_up(&w->builder, l))
		return false;
	w->tables[l->table] = true;
	misses = &w->builder.misses[l->number];
	buf_append_char(w->out, LAYOUT_LOOKUP);
	put_u16(w, BLOCK_TABLE_ADDRESSES + 1 + l->table);
	put_u16(w, column_info[l->key].id);
	put_u32(w, (uint32_t)misses->n);
	if (misses->n == 0)
		return true;
	out = values_u32(misses->row, misses->n);
	stream_put(w, &out);
	out = values_u32(misses->value, misses->n);
	stream_put(w, &out);
	return true;
}

/* Writes times that are predicted from uptimes: one residual for all. */
static bool
put_uptime(struct block_writer *w, unsigned col)
{
	struct int_stream_writer s = int_stream_writer(w);

	if (w->builder.col[col].as != COLUMN_UPTIME)
		return false;
	buf_append_char(w->out, LAYOUT_RESIDUAL);
	buf_append_char(w->out, (char)predictor_of_uptime(col)->id);
	constant_put(&s, w->builder.col[col].first);
	return true;
}

/* Writes a column of runs, as it was collected. */
static bool
put_runs(struct block_writer *w, unsigned col)
{
	const struct column_builder *c = &w->builder.col[col];
	struct int_stream_writer s = int_stream_writer(w);
	struct values runs = values_u64(c->run, c->nruns);

	if (c->as != COLUMN_RUNS || c->nruns * COLUMN_RUN > c->n)
		return false;
	w->addresses |= column_info[col].type == COLUMN_ADDR;
	runs.is_signed = runs.scaled = c->is_time;
	buf_append_char(w->out, LAYOUT_PLAIN);
	runs_put_known(&s, &runs, c->begin, c->n);
	return true;
}

/* Transposes values of equal length: all first octets, all second octets... */
static bool
put_transposed(
    struct block_writer *w, const struct column_builder *c, size_t len)
{
	const uint8_t *from = w->builder.octets.ptr;
	uint8_t *octets = scratch_take(&w->scratch, c->n * len);

	if (octets == NULL)
		return false;
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < len; k++)
			octets[k * c->n + i] = from[i * len + k];
	buf_append_char(w->out, LAYOUT_TRANSPOSED);
	put_u32(w, (uint32_t)len);
	compressor_put(w->compressor, octets, c->n * len, w->out);
	return true;
}

static void
put_octets(struct block_writer *w, const struct column_builder *c)
{
	struct values lens = column_builder_values(c);
	const struct buf *octets = &w->builder.octets;

	if (values_span(&lens) == 0 && put_transposed(w, c, lens.min))
		return;
	buf_append_char(w->out, LAYOUT_OCTETS);
	stream_put(w, &lens);
	compressor_put(w->compressor, octets->ptr, octets->len, w->out);
}

/* Writes a column from its array, or of octets. */
static void
put_array(struct block_writer *w, unsigned col)
{
	struct values v = column_builder_values(&w->builder.col[col]);

	if (column_info[col].type == COLUMN_BYTES) {
		put_octets(w, &w->builder.col[col]);
		return;
	}
	if (put_predicted(w, col, &v))
		return;
	w->addresses |= column_info[col].type == COLUMN_ADDR;
	buf_append_char(w->out, LAYOUT_PLAIN);
	stream_put(w, &v);
}

static void
put_values(struct block_writer *w, unsigned col)
{
	if (put_uptime(w, col) || put_lookup(w, col))
		return;
	if (column_info[col].type != COLUMN_BYTES && put_runs(w, col))
		return;
	if (w->builder.col[col].as != COLUMN_CONSTANT &&
	    !block_builder_materialize(&w->builder, col))
		w->out->failed = true;
	else
		put_array(w, col);
}

static void
range_v4(const struct addr_dictionary *pool, uint64_t lo, uint64_t hi,
    struct block_column *e)
{
	e->flags |= ENTRY_V4;
	e->min4 = pool->addr4[lo];
	e->max4 = pool->addr4[hi];
}

static void
range_v6(const struct addr_dictionary *pool, uint64_t lo, uint64_t hi,
    struct block_column *e)
{
	e->flags |= ENTRY_V6;
	e->min6 = pool->addr6[lo - pool->v4.n];
	e->max6 = pool->addr6[hi - pool->v4.n];
}

/* The families of the addresses in a column, and their ranges. */
static void
range_addrs(const struct addr_dictionary *pool, struct values *v,
    struct block_column *e)
{
	uint32_t n4 = (uint32_t)pool->v4.n;
	uint32_t hi4 = 0, lo6 = UINT32_MAX;

	values_range(v);
	if (v->min == v->max)
		e->flags |= ENTRY_CONSTANT;
	if (v->max < n4) {
		range_v4(pool, v->min, v->max, e);
		return;
	}
	if (v->min >= n4) {
		range_v6(pool, v->min, v->max, e);
		return;
	}
	for (size_t i = 0; i < v->n; i++) {
		uint32_t at = (uint32_t)values_at(v, i);
		uint32_t in4 = at < n4 ? at : 0;

		hi4 = in4 > hi4 ? in4 : hi4;
		lo6 = at >= n4 && at < lo6 ? at : lo6;
	}
	range_v4(pool, v->min, hi4, e);
	range_v6(pool, lo6, v->max, e);
}

/* Writes the address numbers of a column; they may be needed more than once. */
static struct values
put_numbers(struct block_writer *w, unsigned col)
{
	const struct column_builder *c = &w->builder.col[col];
	const struct lookup *l = lookup_find(col);
	uint32_t *all;
	size_t n;

	if (c->as == COLUMN_RUNS)
		return values_u64(c->run, c->nruns);
	if (c->as != COLUMN_LOOKUP)
		return column_builder_values(c);
	all = scratch_take(&w->scratch,
	    (w->builder.facts.n + LOOKUP_MISSES_MAX) * sizeof(*all));
	if (all == NULL)
		return values_u32(NULL, 0);
	n = lookup_known(&w->builder.facts, l->table, all);
	memcpy(all + n, w->builder.misses[l->number].value,
	    w->builder.misses[l->number].n * sizeof(*all));
	return values_u32(all, n + w->builder.misses[l->number].n);
}

static void
range_column(struct block_writer *w, unsigned col, struct block_column *e)
{
	const struct column_builder *c = &w->builder.col[col];
	struct values v;

	if (e->type == COLUMN_ADDR) {
		v = put_numbers(w, col);
		if (v.n > 0)
			range_addrs(&w->builder.pool, &v, e);
		else
			w->out->failed = true;
	} else if (e->type != COLUMN_BYTES) {
		e->min = c->as == COLUMN_CONSTANT ? c->first : c->min;
		e->max = c->as == COLUMN_CONSTANT ? c->first : c->max;
		if (e->min == e->max)
			e->flags |= ENTRY_CONSTANT;
	}
}

#define SUM(v) \
	do { \
		for (size_t i_ = 0; i_ < n; i_++) { \
			total += (v)[i_]; \
			all |= (v)[i_]; \
		} \
	} while (0)

/* The sum of values, unless one is so large that it could overflow. */
VECTORIZE static bool
sum_values(const struct values *v, uint64_t *sum)
{
	uint64_t total = 0, all = 0;
	const size_t n = v->n;

	switch (v->width) {
	case 1:
		SUM(v->u8);
		break;
	case 2:
		SUM(v->u16);
		break;
	case 4:
		SUM(v->u32);
		break;
	default:
		SUM(v->u64);
		break;
	}
	*sum = total;
	return all <= UINT64_MAX / BLOCK_ROWS;
}

static bool
sum_runs(const struct column_builder *c, uint64_t *sum)
{
	*sum = 0;
	for (size_t i = 0; i < c->nruns; i++) {
		size_t end = i + 1 < c->nruns ? c->begin[i + 1] : c->n;
		uint64_t run;

		if (__builtin_mul_overflow(
			c->run[i], end - c->begin[i], &run) ||
		    __builtin_add_overflow(*sum, run, sum))
			return false;
	}
	return true;
}

/* Stores the sums of counters, which is what queries ask for most. */
static void
total_column(struct block_writer *w, unsigned col, struct block_column *e)
{
	const struct column_builder *c = &w->builder.col[col];
	struct values v = column_builder_values(c);
	bool known;

	if (column_info[col].unit != UNIT_OCTETS &&
	    column_info[col].unit != UNIT_PACKETS)
		return;
	if (c->as == COLUMN_CONSTANT)
		known = !__builtin_mul_overflow(c->first, c->n, &e->total);
	else if (c->as == COLUMN_RUNS)
		known = sum_runs(c, &e->total);
	else
		known = c->as == COLUMN_ARRAY && sum_values(&v, &e->total);
	if (known)
		e->flags |= ENTRY_TOTAL;
}

static struct block_column *
entry_new(struct block_writer *w, uint16_t id, unsigned type)
{
	struct block_column *e = &w->column[w->ncolumns++];

	*e = (struct block_column){ .id = id, .type = (uint8_t)type };
	return e;
}

/* Makes the octets appended since start the data of the entry. */
static void
entry_data(struct block_writer *w, struct block_column *e, size_t start)
{
	e->data.len = w->out->len - start;
	if (e->data.len == 0 || !buf_ok(w->out))
		return;
	e->flags |= ENTRY_DATA;
	e->sum = block_checksum(w->out->ptr + start, e->data.len);
}

static void
put_column(struct block_writer *w, unsigned col)
{
	const struct column_builder *c = &w->builder.col[col];
	const struct column_info *info = &column_info[col];
	struct block_column *e;
	size_t start = w->out->len;

	if (c->n == 0)
		return;
	e = entry_new(w, info->id, info->type);
	e->flags = c->n < w->builder.nrows ? ENTRY_GAPS : 0;
	range_column(w, col, e);
	total_column(w, col, e);
	if (e->flags & ENTRY_GAPS)
		put_gaps(w, c);
	if (!(e->flags & ENTRY_CONSTANT))
		put_values(w, col);
	e->col = (int)col;
	entry_data(w, e, start);
}

static void
put_lookup_table(struct block_writer *w, unsigned i)
{
	size_t start = w->out->len, n = w->builder.facts.n;
	uint32_t *all;
	struct values v;
	struct block_column *e;

	if (!w->tables[i])
		return;
	all = scratch_take(&w->scratch, n * sizeof(*all));
	if (all == NULL) {
		w->out->failed = true;
		return;
	}
	lookup_all(&w->builder.facts, i, all);
	e = entry_new(w, (uint16_t)(BLOCK_TABLE_ADDRESSES + 1 + i),
	    lookup_type(i));
	e->col = -1;
	e->n = (uint32_t)n;
	v = values_u32(all, n);
	stream_put(w, &v);
	entry_data(w, e, start);
	w->addresses = true;
}

/* Writes the addresses sorted, so that differences are small. */
static void
put_addresses(struct block_writer *w)
{
	const struct addr_dictionary *pool = &w->builder.pool;
	struct int_stream_writer s = int_stream_writer(w);
	size_t start = w->out->len, n6 = pool->v6.n;
	struct values v;
	uint64_t *hi = scratch_take(&w->scratch, (n6 + 1) * sizeof(*hi));
	uint64_t *lo = scratch_take(&w->scratch, (n6 + 1) * sizeof(*lo));
	struct block_column *e;

	if (!w->addresses)
		return;
	if (hi == NULL || lo == NULL) {
		w->out->failed = true;
		return;
	}
	for (size_t i = 0; i < n6; i++) {
		hi[i] = pool->addr6[i].hi;
		lo[i] = pool->addr6[i].lo;
	}
	e = entry_new(w, BLOCK_TABLE_ADDRESSES, COLUMN_ADDR);
	e->col = -1;
	e->n = (uint32_t)addr_dictionary_count(pool);
	put_u32(w, (uint32_t)pool->v4.n);
	v = values_u32(pool->addr4, pool->v4.n);
	if (v.n > 0)
		(void)delta_put(&s, &v);
	v = values_u64(hi, n6);
	if (n6 > 0)
		(void)delta_put(&s, &v);
	v = values_u64(lo, n6);
	if (n6 > 0)
		stream_put(w, &v);
	entry_data(w, e, start);
}

/*
 * The range of the flow times: that of the best column if all rows have it,
 * else of all time columns, else unlimited.
 */
static void
time_range(const struct block_writer *w, int64_t *min, int64_t *max)
{
	struct colset times = flow_time_columns();
	bool all = false;

	*min = INT64_MAX;
	*max = INT64_MIN;
	for (size_t i = 0; i < w->ncolumns; i++) {
		const struct block_column *e = &w->column[i];
		int64_t lo = (int64_t)e->min, hi = (int64_t)e->max;

		if (e->col < 0 || !colset_has(&times, (unsigned)e->col))
			continue;
		*min = lo < *min ? lo : *min;
		*max = hi > *max ? hi : *max;
		all |= !(e->flags & ENTRY_GAPS);
		if (e->col == COL_recv_time && !(e->flags & ENTRY_GAPS))
			return;
	}
	if (all)
		return;
	*min = INT64_MIN;
	*max = INT64_MAX;
}

/* Writes the head to a buffer of BLOCK_HEAD_MAX octets. Returns its length. */
static size_t
make_head(const struct block_writer *w, size_t data_len, uint8_t *p)
{
	uint8_t *at = p + BLOCK_HEAD;
	int64_t min, max;

	for (size_t i = 0; i < w->ncolumns; i++)
		at += entry_put(at, &w->column[i]);
	time_range(w, &min, &max);
	memset(p, 0, BLOCK_HEAD);
	memcpy(p, block_magic, BLOCK_MAGIC);
	p[8] = BLOCK_FLOWS;
	p[10] = w->builder.from_log ? BLOCK_FROM_LOG : 0;
	p[11] = (uint8_t)compressor_compression(w->compressor);
	store_le32(p + 12, (uint32_t)(at - p) + BLOCK_SUM);
	store_le32(p + 16, (uint32_t)data_len);
	store_le32(p + 20, (uint32_t)w->builder.nrows);
	store_le64(p + 24, (uint64_t)min);
	store_le64(p + 32, (uint64_t)max);
	store_le16(p + 40, (uint16_t)w->ncolumns);
	store_le64(at, block_checksum(p, (size_t)(at - p)));
	return (size_t)(at - p) + BLOCK_SUM;
}

/*
 * Writes the head in front of the data, in room of the size of the last head.
 * That mostly fits, and the data need not move.
 */
static void
put_head(struct block_writer *w, size_t start)
{
	struct buf *out = w->out;
	size_t data_len = out->len - w->data, head_len;
	uint8_t *head = scratch_take(&w->scratch, BLOCK_HEAD_MAX);

	if (head == NULL || buf_room(out, BLOCK_HEAD_MAX) == NULL) {
		out->failed = true;
		return;
	}
	head_len = make_head(w, data_len, head);
	if (head_len != w->head_len)
		memmove(out->ptr + start + head_len, out->ptr + w->data,
		    data_len);
	memcpy(out->ptr + start, head, head_len);
	out->len = start + head_len + data_len;
	w->head_len = head_len;
}

/* recv_time is the first column, so that its range is known first. */
static bool
block_encode(struct block_writer *w, struct buf *out)
{
	size_t start = out->len;

	w->ncolumns = 0;
	w->addresses = false;
	memset(w->tables, 0, sizeof(w->tables));
	scratch_reset(&w->scratch);
	if (w->builder.failed || !block_builder_sort_addresses(&w->builder) ||
	    buf_room(out, BLOCK_HEAD_MAX) == NULL)
		return false;
	w->out = out;
	w->data = out->len += w->head_len;
	for (unsigned i = 0; i < COL_COUNT; i++)
		if (colset_has(&w->builder.used, i))
			put_column(w, i);
	for (unsigned i = 0; i < LOOKUP_TABLES; i++)
		put_lookup_table(w, i);
	put_addresses(w);
	if (buf_ok(out))
		put_head(w, start);
	return buf_ok(out);
}

int
block_writer_finish(struct block_writer *w, struct buf *out)
{
	size_t before = out->len, nrows = w->builder.nrows;
	bool failed = out->failed, good;

	if (nrows == 0)
		return 0;
	good = block_encode(w, out);
	block_builder_reset(&w->builder);
	if (good)
		return (int)nrows;
	out->len = before;
	out->failed = failed;
	return FLOWD_ENOMEM;
}
