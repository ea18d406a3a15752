/* Compares heads of blocks with their rows; see head_check.h. */
#include "flow_time.h"
#include "head_check.h"
#include "value_range.h"

__extension__ typedef unsigned __int128 wide;

/* Ranges and sums, computed from the rows of a block. */
struct head_facts {
	struct value_range range[COL_COUNT];
	wide total[COL_COUNT];
	bool timed, untimed; /* some rows have a time, some have none */
	int64_t min_ns, max_ns;
	bool unlisted; /* an address is not in the filters of the index */
};

/* Takes values of one width; flip is the sign bit of signed types. */
#define TAKE(values, flip) \
	do { \
		BITMAP_FOREACH(row, valid, 0, n) { \
			uint64_t v_ = (values)[row]; \
\
			total += v_; \
			v_ ^= (flip); \
			lo = v_ < lo ? v_ : lo; \
			hi = v_ > hi ? v_ : hi; \
		} \
		lo ^= (flip); \
		hi ^= (flip); \
	} while (0)

/* Takes the integers of a column that some row has. */
static void
take_integers(struct head_facts *f, const struct batch *batch, unsigned col)
{
	const struct column *c = &batch->col[col];
	const uint64_t *valid = c->valid;
	const size_t n = batch->nrows;
	uint64_t lo = UINT64_MAX, hi = 0;
	wide total = 0;
	struct block_column all = { .type = column_info[col].type };

	switch (all.type) {
	case COLUMN_U8:
		TAKE(c->u8, UINT64_C(0));
		break;
	case COLUMN_U16:
		TAKE(c->u16, UINT64_C(0));
		break;
	case COLUMN_U32:
		TAKE(c->u32, UINT64_C(0));
		break;
	case COLUMN_TIME:
		TAKE(c->u64, UINT64_C(1) << 63);
		break;
	default:
		TAKE(c->u64, UINT64_C(0));
		break;
	}
	all.min = lo;
	all.max = hi;
	f->total[col] += total;
	value_range_add(&f->range[col], &all);
}

static void
take_addresses(struct head_facts *f, const struct batch *batch, unsigned col)
{
	const struct column *c = &batch->col[col];

	BITMAP_FOREACH(row, c->valid, 0, batch->nrows) {
		struct block_column one = { .type = COLUMN_ADDR };

		if (bitmap_test(c->is6, row)) {
			one.flags = ENTRY_V6;
			one.min6 = one.max6 = c->v6[row];
		} else {
			one.flags = ENTRY_V4;
			one.min4 = one.max4 = c->u32[row];
		}
		value_range_add(&f->range[col], &one);
	}
}

static void
take_column(struct head_facts *f, const struct batch *batch, unsigned col)
{
	if (column_info[col].type == COLUMN_ADDR)
		take_addresses(f, batch, col);
	else if (column_info[col].type != COLUMN_BYTES)
		take_integers(f, batch, col);
}

static void
take_times(struct head_facts *f, const struct batch *batch)
{
	for (size_t row = 0; row < batch->nrows; row++) {
		int64_t ns;

		if (!flow_time(batch, row, &ns)) {
			f->untimed = true;
			continue;
		}
		if (!f->timed || ns < f->min_ns)
			f->min_ns = ns;
		if (!f->timed || ns > f->max_ns)
			f->max_ns = ns;
		f->timed = true;
	}
}

/* Sources and destinations are in the filters. */
static void
take_hosts(struct head_facts *f, const struct head_filters *filters,
    const struct batch *batch)
{
	static const unsigned cols[] = { COL_src_addr, COL_dst_addr };

	for (size_t i = 0; i < sizeof(cols) / sizeof(cols[0]); i++) {
		const uint64_t *valid = batch->col[cols[i]].valid;

		BITMAP_FOREACH(row, valid, 0, batch->nrows) {
			struct addr a = batch_addr(batch, cols[i], row);

			if (!addr_bloom_may_have(&filters->all, &a) ||
			    !addr_bloom_may_have(&filters->group, &a))
				f->unlisted = true;
		}
	}
}

static void
take_rows(struct head_facts *f, struct block_reader *r, const struct block *b,
    const struct head_filters *filters, struct batch *batch)
{
	static const struct colset all = { { ~UINT64_C(0), ~UINT64_C(0) } };

	for (size_t row = 0; row < b->nrows;) {
		batch_reset(batch);
		row += block_reader_rows(r, row, BATCH_ROWS, all, batch);
		for (unsigned col = 0; col < COL_COUNT; col++)
			if (colset_has(&batch->used, col))
				take_column(f, batch, col);
		take_times(f, batch);
		if (filters != NULL)
			take_hosts(f, filters, batch);
	}
}

static bool
is_same6(struct addr6 a, struct addr6 b)
{
	return a.hi == b.hi && a.lo == b.lo;
}

/* Are the minimum and the maximum those of the entry? */
static bool
range_fits(const struct value_range *v, const struct block_column *c)
{
	struct value_range head = { .some = false };

	value_range_add(&head, c);
	if (v->some != head.some || v->some4 != head.some4 ||
	    v->some6 != head.some6)
		return false;
	return (!v->some || (v->min == head.min && v->max == head.max)) &&
	    (!v->some4 || (v->min4 == head.min4 && v->max4 == head.max4)) &&
	    (!v->some6 ||
		(is_same6(v->min6, head.min6) &&
		    is_same6(v->max6, head.max6)));
}

/* Where some flow has no time the range is that of all times. */
static bool
times_fit(const struct head_facts *f, const struct block *b)
{
	if (f->untimed)
		return b->min_ns == INT64_MIN && b->max_ns == INT64_MAX;
	return !f->timed || (f->min_ns >= b->min_ns && f->max_ns <= b->max_ns);
}

int
head_check(struct block_reader *r, const struct block *b,
    const struct head_filters *filters, struct batch *batch,
    struct flowd_error *why)
{
	struct head_facts f = { .timed = false };

	take_rows(&f, r, b, filters, batch);
	for (size_t i = 0; i < b->ncolumns; i++) {
		const struct block_column *c = &b->column[i];

		if (c->col < 0)
			continue;
		if (!range_fits(&f.range[c->col], c))
			return flowd_fail(why, FLOWD_EFORMAT,
			    "the head of the block has another range of %s "
			    "than its flows",
			    column_info[c->col].name);
		if ((c->flags & ENTRY_TOTAL) && c->total != f.total[c->col])
			return flowd_fail(why, FLOWD_EFORMAT,
			    "the head of the block has another sum of %s than "
			    "its flows",
			    column_info[c->col].name);
	}
	if (!times_fit(&f, b))
		return flowd_fail(why, FLOWD_EFORMAT,
		    "the head of the block has other times than its flows");
	if (f.unlisted)
		return flowd_fail(why, FLOWD_EFORMAT,
		    "the index lacks addresses of the flows of the block");
	return 0;
}
