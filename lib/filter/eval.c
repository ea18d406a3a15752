/*
 * Evaluation; see eval.h. Every leaf is one loop over the array of its column,
 * 64 rows a word; and, or and not are loops over words.
 */
#include <string.h>
#include <time.h>

#include "eval.h"

enum {
	WORDS = EVAL_ROWS / 64,
	DAY_SEC = 86400,
	QUARTER_SEC = 900
};

/*
 * Build out from the condition cond on row r. Rows without a value are tested
 * by the same condition with v of 0, so that the loop has no branch: zero says
 * whether 0 matches, and those words are mended afterwards.
 */
#define EACH_ROW(batch, out, cond) \
	for (size_t w_ = 0; w_ < bitmap_words((batch)->nrows); w_++) { \
		size_t end_ = (batch)->nrows - 64 * w_; \
		uint64_t word_ = 0; \
\
		end_ = end_ < 64 ? end_ : 64; \
		for (size_t i_ = 0; i_ < end_; i_++) { \
			size_t r = 64 * w_ + i_; \
\
			word_ |= (uint64_t)(cond) << i_; \
		} \
		(out)[w_] = word_; \
	}

/* Give rows without a value the result that 0 has. */
static void
mend_missing(const struct batch *batch, unsigned col, bool zero, uint64_t *out)
{
	const uint64_t *valid = batch->col[col].valid;
	size_t words = bitmap_words(batch->nrows);

	for (size_t w = 0; w < words; w++)
		out[w] = zero ? out[w] | ~valid[w] : out[w] & valid[w];
	if (batch->nrows % 64 != 0)
		out[words - 1] &= bitmap_low(batch->nrows % 64);
}

static void
eval_range(const struct expr *e, const struct batch *batch, uint64_t *out)
{
	const struct column *c = &batch->col[e->col];
	const uint64_t lo = e->range.lo, span = e->range.hi - e->range.lo;

	switch (column_info[e->col].type) {
	case COLUMN_U8:
		EACH_ROW(batch, out, c->u8[r] - lo <= span);
		break;
	case COLUMN_U16:
		EACH_ROW(batch, out, c->u16[r] - lo <= span);
		break;
	case COLUMN_U32:
		EACH_ROW(batch, out, c->u32[r] - lo <= span);
		break;
	default:
		EACH_ROW(batch, out, c->u64[r] - lo <= span);
		break;
	}
	mend_missing(batch, e->col, lo == 0, out);
}

static void
eval_masked(const struct expr *e, const struct batch *batch, uint64_t *out)
{
	const struct column *c = &batch->col[e->col];
	const uint64_t mask = e->masked.mask, value = e->masked.value;

	switch (column_info[e->col].type) {
	case COLUMN_U8:
		EACH_ROW(batch, out, (c->u8[r] & mask) == value);
		break;
	case COLUMN_U16:
		EACH_ROW(batch, out, (c->u16[r] & mask) == value);
		break;
	case COLUMN_U32:
		EACH_ROW(batch, out, (c->u32[r] & mask) == value);
		break;
	default:
		EACH_ROW(batch, out, (c->u64[r] & mask) == value);
		break;
	}
	mend_missing(batch, e->col, value == 0, out);
}

/* The rows whose address is there and of the family. */
static void
of_family(const struct batch *batch, unsigned col, uint8_t family,
    uint64_t *out)
{
	const struct column *c = &batch->col[col];

	for (size_t w = 0; w < bitmap_words(batch->nrows); w++)
		out[w] = c->valid[w] &
		    (family == ADDR_V6 ? c->is6[w] : ~c->is6[w]);
}

static void
eval_prefix(const struct expr *e, const struct batch *batch, uint64_t *out)
{
	const struct column *c = &batch->col[e->col];
	const struct prefix *p = &e->prefix;
	uint64_t family[WORDS];

	of_family(batch, e->col, p->addr.family, family);
	if (p->addr.family == ADDR_V4) {
		const uint32_t want = p->addr.v4;
		const uint32_t mask = p->len == 0
		    ? 0
		    : UINT32_MAX << (32 - p->len);

		EACH_ROW(batch, out, (c->u32[r] & mask) == want);
	} else {
		const struct addr6 want = p->addr.v6, m = addr6_mask(p->len);

		EACH_ROW(batch, out,
		    ((c->v6[r].hi & m.hi) == want.hi) &
			((c->v6[r].lo & m.lo) == want.lo));
	}
	for (size_t w = 0; w < bitmap_words(batch->nrows); w++)
		out[w] &= family[w];
}

static void
eval_family(const struct expr *e, const struct batch *batch, uint64_t *out)
{
	uint64_t dst[WORDS];

	of_family(batch, COL_src_addr, e->family, out);
	of_family(batch, COL_dst_addr, e->family, dst);
	for (size_t w = 0; w < bitmap_words(batch->nrows); w++)
		out[w] |= dst[w];
}

/* The local time of the quarter of an hour last looked at. */
struct zone {
	bool known;
	int64_t quarter;
	unsigned weekday;
	int64_t of_day;		/* second of the day at its begin */
};

static void
zone_look(struct zone *z, int64_t sec)
{
	int64_t quarter = sec / QUARTER_SEC - (sec % QUARTER_SEC < 0);
	time_t t = (time_t)(quarter * QUARTER_SEC);
	struct tm tm;

	if (z->known && z->quarter == quarter)
		return;
	memset(&tm, 0, sizeof(tm));
	(void)localtime_r(&t, &tm);
	z->known = true;
	z->quarter = quarter;
	z->weekday = (unsigned)tm.tm_wday;
	z->of_day = tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
}

/* Seconds of a time column; a flow that has none is of 1970. */
static int64_t
row_sec(const struct batch *batch, unsigned col, size_t row)
{
	const int64_t second_ns = 1000000000;
	int64_t ns;

	if (!batch_has(batch, col, row))
		return 0;
	ns = batch->col[col].ns[row];
	return ns / second_ns - (ns % second_ns < 0);
}

static bool
weekday_holds(const struct expr *e, struct zone *z, int64_t sec)
{
	zone_look(z, sec);
	return e->days >> z->weekday & 1;
}

static bool
daytime_holds(const struct expr *e, struct zone *z, int64_t sec)
{
	int64_t of_day;

	zone_look(z, sec);
	of_day = (z->of_day + sec - z->quarter * QUARTER_SEC) % DAY_SEC;
	return (uint64_t)of_day - e->range.lo <= e->range.hi - e->range.lo;
}

static void
eval_clock(const struct expr *e, const struct batch *batch, uint64_t *out)
{
	struct zone z = { .known = false };

	if (e->kind == EXPR_WEEKDAY) {
		EACH_ROW(batch, out,
		    weekday_holds(e, &z, row_sec(batch, e->col, r)));
	} else {
		EACH_ROW(batch, out,
		    daytime_holds(e, &z, row_sec(batch, e->col, r)));
	}
}

static void
eval_time(const struct expr *e, const struct batch *batch, uint64_t *out)
{
	const int64_t after = e->time.after, before = e->time.before;

	EACH_ROW(batch, out,
	    (row_sec(batch, e->col, r) > after) &
		(row_sec(batch, e->col, r) < before));
}

static void
eval_true(const struct expr *e, const struct batch *batch, uint64_t *out)
{
	size_t words = bitmap_words(batch->nrows);

	(void)e;
	memset(out, 0xff, words * sizeof(*out));
	if (batch->nrows % 64 != 0)
		out[words - 1] = bitmap_low(batch->nrows % 64);
}

static void
eval_not(const struct expr *e, const struct batch *batch, uint64_t *out)
{
	uint64_t all[WORDS];

	eval(e->left, batch, out);
	eval_true(e, batch, all);
	for (size_t w = 0; w < bitmap_words(batch->nrows); w++)
		out[w] = ~out[w] & all[w];
}

static void
eval_both(const struct expr *e, const struct batch *batch, uint64_t *out)
{
	uint64_t right[WORDS];

	eval(e->left, batch, out);
	eval(e->right, batch, right);
	for (size_t w = 0; w < bitmap_words(batch->nrows); w++)
		out[w] = e->kind == EXPR_AND ? out[w] & right[w]
					     : out[w] | right[w];
}

void
eval(const struct expr *e, const struct batch *batch, uint64_t *out)
{
	static void (*const by_kind[])(const struct expr *e,
	    const struct batch *batch, uint64_t *out) = {
		[EXPR_TRUE] = eval_true,
		[EXPR_NOT] = eval_not,
		[EXPR_AND] = eval_both,
		[EXPR_OR] = eval_both,
		[EXPR_RANGE] = eval_range,
		[EXPR_MASKED] = eval_masked,
		[EXPR_PREFIX] = eval_prefix,
		[EXPR_FAMILY] = eval_family,
		[EXPR_WEEKDAY] = eval_clock,
		[EXPR_DAYTIME] = eval_clock,
		[EXPR_TIME] = eval_time,
	};

	by_kind[e->kind](e, batch, out);
}
