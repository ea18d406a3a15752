/* Leaves over batches; see leaf.h. */
#include <stdlib.h>
#include <string.h>

#include "leaf.h"
#include "vectorize.h"

enum {
	WORD_ROWS = 64,
	RANGES_MAX = 32 /* ranges that cost about as much as a binary search */
};

/*
 * Computes out from the condition cond on row r. Rows without a value are
 * tested, too, so that the loop has no branch, and are corrected afterwards.
 * Compilers vectorize 64 rows of one octet each.
 */
#define EACH_ROW(batch, out, cond) \
	for (size_t w_ = 0; w_ < bitmap_words((batch)->nrows); w_++) { \
		size_t left_ = (batch)->nrows - WORD_ROWS * w_; \
		uint8_t is_[WORD_ROWS]; \
\
		if (left_ >= WORD_ROWS) { \
			for (size_t i_ = 0; i_ < WORD_ROWS; i_++) { \
				size_t r = WORD_ROWS * w_ + i_; \
\
				is_[i_] = (cond); \
			} \
		} else { \
			memset(is_, 0, sizeof(is_)); \
			for (size_t i_ = 0; i_ < left_; i_++) { \
				size_t r = WORD_ROWS * w_ + i_; \
\
				is_[i_] = (cond); \
			} \
		} \
		(out)[w_] = bitmap_pack(is_); \
	}

bool
match_batch_init(struct match_batch *match, uint32_t used)
{
	*match = (struct match_batch){ .batch = NULL };
	for (unsigned i = 0; i < NDERIVED; i++) {
		if (!(used >> i & 1))
			continue;
		match->derived[i] =
		    malloc(MATCH_ROWS * sizeof(*match->derived[i]));
		if (match->derived[i] == NULL) {
			match_batch_fini(match);
			return false;
		}
	}
	return true;
}

void
match_batch_fini(struct match_batch *match)
{
	for (unsigned i = 0; i < NDERIVED; i++) {
		free(match->derived[i]);
		match->derived[i] = NULL;
	}
}

void
match_batch_begin(struct match_batch *match, const struct batch *batch)
{
	match->batch = batch;
	match->done = 0;
}

const uint64_t *
match_batch_derived(struct match_batch *match, unsigned col)
{
	unsigned i = col - COL_COUNT;

	if (!(match->done >> i & 1))
		derive(col, match->batch, match->derived[i]);
	match->done |= UINT32_C(1) << i;
	return match->derived[i];
}

/* Sets the result of rows without a value to that of 0. */
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

VECTORIZE static void
run_derived(const struct expr *e, struct match_batch *match, uint64_t *out)
{
	const uint64_t *v = match_batch_derived(match, e->col);
	const uint64_t lo = e->lo, span = e->hi - e->lo;

	if (e->kind == EXPR_NUMBERS) {
		EACH_ROW(match->batch, out, expr_numbers_have(e, v[r]));
		return;
	}
	EACH_ROW(match->batch, out, v[r] - lo <= span);
}

/* Is v, a value of the column's type T, in the range? Not wider than T. */
#define IN_RANGE(T, v) ((T)((T)(v) - (T)lo) <= (T)span)

VECTORIZE static void
run_range(const struct expr *e, struct match_batch *match, uint64_t *out)
{
	const struct batch *batch = match->batch;
	const uint64_t lo = e->lo, span = e->hi - e->lo;
	const struct column *c = &batch->col[e->col];
	const uint8_t *u8 = c->u8;
	const uint16_t *u16 = c->u16;
	const uint32_t *u32 = c->u32;
	const uint64_t *u64 = c->u64;
	const int64_t *ns = c->ns;

	switch (column_info[e->col].type) {
	case COLUMN_U8:
		EACH_ROW(batch, out, IN_RANGE(uint8_t, u8[r]));
		break;
	case COLUMN_U16:
		EACH_ROW(batch, out, IN_RANGE(uint16_t, u16[r]));
		break;
	case COLUMN_U32:
		EACH_ROW(batch, out, IN_RANGE(uint32_t, u32[r]));
		break;
	case COLUMN_TIME:
		EACH_ROW(batch, out,
		    ((uint64_t)ns[r] ^ EXPR_TIME_BIAS) - lo <= span);
		mend_missing(batch, e->col, EXPR_TIME_BIAS - lo <= span, out);
		return;
	default:
		EACH_ROW(batch, out, u64[r] - lo <= span);
		break;
	}
	mend_missing(batch, e->col, lo == 0, out);
}

static void
run_numbers(const struct expr *e, struct match_batch *match, uint64_t *out)
{
	const struct batch *batch = match->batch;
	const struct column *c = &batch->col[e->col];
	uint64_t zero = 0;

	switch (column_info[e->col].type) {
	case COLUMN_U8:
		EACH_ROW(batch, out, expr_numbers_have(e, c->u8[r]));
		break;
	case COLUMN_U16:
		EACH_ROW(batch, out, expr_numbers_have(e, c->u16[r]));
		break;
	case COLUMN_U32:
		EACH_ROW(batch, out, expr_numbers_have(e, c->u32[r]));
		break;
	case COLUMN_TIME:
		zero = EXPR_TIME_BIAS;
		EACH_ROW(batch, out, expr_numbers_have(e,
		    (uint64_t)c->ns[r] ^ EXPR_TIME_BIAS));
		break;
	default:
		EACH_ROW(batch, out, expr_numbers_have(e, c->u64[r]));
		break;
	}
	mend_missing(batch, e->col, expr_numbers_have(e, zero), out);
}

static void
run_masked(const struct expr *e, struct match_batch *match, uint64_t *out)
{
	const struct batch *batch = match->batch;
	const struct column *c = &batch->col[e->col];
	const uint64_t mask = e->mask, lo = e->lo, span = e->hi - e->lo;
	const uint8_t *u8 = c->u8;
	const uint16_t *u16 = c->u16;

	if (column_info[e->col].type == COLUMN_U8) {
		EACH_ROW(batch, out, IN_RANGE(uint8_t, u8[r] & mask));
	} else {
		EACH_ROW(batch, out, IN_RANGE(uint16_t, u16[r] & mask));
	}
	mend_missing(batch, e->col, lo == 0, out);
}

/* Finds the rows with an address of the family. */
static void
of_family(const struct batch *batch, unsigned col, uint8_t family,
    uint64_t *out)
{
	const struct column *c = &batch->col[col];

	for (size_t w = 0; w < bitmap_words(batch->nrows); w++)
		out[w] = c->valid[w] &
		    (family == ADDR_V6 ? c->is6[w] : ~c->is6[w]);
}

VECTORIZE static void
run_prefix(const struct expr *e, struct match_batch *match, uint64_t *out)
{
	const struct batch *batch = match->batch;
	const struct column *c = &batch->col[e->col];
	const struct prefix *p = &e->prefix;
	const uint32_t *v4 = c->u32;
	uint64_t family[MATCH_WORDS];

	of_family(batch, e->col, p->addr.family, family);
	if (p->addr.family == ADDR_V4) {
		const uint32_t want = p->addr.v4;
		const uint32_t mask = p->len == 0
		    ? 0
		    : UINT32_MAX << (32 - p->len);

		EACH_ROW(batch, out, (v4[r] & mask) == want);
	} else {
		const struct addr6 want = p->addr.v6, m = addr6_mask(p->len);

		EACH_ROW(batch, out,
		    ((c->v6[r].hi & m.hi) == want.hi) &
			((c->v6[r].lo & m.lo) == want.lo));
	}
	for (size_t w = 0; w < bitmap_words(batch->nrows); w++)
		out[w] &= family[w];
}

/* Tests 64 IPv4 addresses without a branch: the common case. */
static uint64_t
v4_word(const struct prefix_set *in, const uint32_t *v4)
{
	const struct prefix_set set = *in;
	uint64_t word = 0;

	for (unsigned i = 0; i < 64; i++)
		word = word >> 1 |
		    (uint64_t)prefix_set_has4(&set, v4[i]) << 63;
	return word;
}

static uint64_t
some_v4(const struct prefix_set *set, uint64_t rows, const uint32_t *v4)
{
	uint64_t word = 0;

	for (; rows != 0; rows &= rows - 1) {
		unsigned i = bitmap_lowest(rows);

		word |= (uint64_t)prefix_set_has4(set, v4[i]) << i;
	}
	return word;
}

static uint64_t
some_v6(const struct prefix_set *set, uint64_t rows, const struct addr6 *v6)
{
	uint64_t word = 0;

	for (; rows != 0; rows &= rows - 1) {
		unsigned i = bitmap_lowest(rows);

		word |= (uint64_t)prefix_set_has6(set, v6[i]) << i;
	}
	return word;
}

static void
run_set(const struct expr *e, struct match_batch *match, uint64_t *out)
{
	const struct batch *batch = match->batch;
	const struct column *c = &batch->col[e->col];

	for (size_t w = 0; w < bitmap_words(batch->nrows); w++) {
		uint64_t v4 = c->valid[w] & ~c->is6[w];
		uint64_t v6 = c->valid[w] & c->is6[w];

		out[w] = v4 == ~UINT64_C(0)
		    ? v4_word(e->set, c->u32 + 64 * w)
		    : some_v4(e->set, v4, c->u32 + 64 * w);
		if (v6 != 0)
			out[w] |= some_v6(e->set, v6, c->v6 + 64 * w);
	}
}

static void
run_family(const struct expr *e, struct match_batch *match, uint64_t *out)
{
	of_family(match->batch, e->col, e->family, out);
}

static void
run_has(const struct expr *e, struct match_batch *match, uint64_t *out)
{
	memcpy(out, match->batch->col[e->col].valid,
	    bitmap_words(match->batch->nrows) * sizeof(*out));
}

/* Does the leaf need a binary search for each row? */
static bool
is_searched(const struct expr *leaf)
{
	return leaf->kind == EXPR_SET || (leaf->kind == EXPR_NUMBERS &&
	    leaf->nplaces > 2 * RANGES_MAX);
}

size_t
leaf_passes(const struct expr *leaf)
{
	if (is_searched(leaf))
		return RANGES_MAX;
	return leaf->kind == EXPR_NUMBERS ? leaf->nplaces / 2 + 1 : 1;
}

/* Tests range by range, each over all rows: faster than row by row. */
static void
run_ranges(const struct expr *e, struct match_batch *match, uint64_t *out)
{
	size_t words = bitmap_words(match->batch->nrows);
	uint64_t in[MATCH_WORDS];

	memset(out, 0, words * sizeof(*out));
	for (size_t i = 0; i < e->nplaces; i += 2) {
		struct expr range = { .kind = EXPR_RANGE, .col = e->col };

		range.lo = e->places[i];
		range.hi = i + 1 < e->nplaces ? e->places[i + 1] - 1
					      : UINT64_MAX;
		leaf_run(&range, match, in);
		for (size_t w = 0; w < words; w++)
			out[w] |= in[w];
	}
}

bool
leaf_is_ranges(const struct expr *leaf)
{
	return !column_is_derived(leaf->col) &&
	    column_info[leaf->col].type != COLUMN_TIME &&
	    (leaf->kind == EXPR_RANGE ||
		(leaf->kind == EXPR_NUMBERS && !is_searched(leaf)));
}

static void
run_packed(const struct expr *e, struct match_batch *match, uint64_t *out)
{
	const struct packed_columns *p = &match->batch->packed;

	p->range(p->arg, e->col, e->lo, e->hi, out);
}

void
leaf_run(const struct expr *leaf, struct match_batch *match, uint64_t *out)
{
	static void (*const by_kind[])(const struct expr *e,
	    struct match_batch *match, uint64_t *out) = {
		[EXPR_RANGE] = run_range,
		[EXPR_NUMBERS] = run_numbers,
		[EXPR_MASKED] = run_masked,
		[EXPR_PREFIX] = run_prefix,
		[EXPR_SET] = run_set,
		[EXPR_FAMILY] = run_family,
		[EXPR_HAS] = run_has,
	};

	if (leaf->kind == EXPR_NUMBERS && !is_searched(leaf))
		run_ranges(leaf, match, out);
	else if (column_is_derived(leaf->col))
		run_derived(leaf, match, out);
	else if (colset_has(&match->batch->packed.cols, leaf->col))
		run_packed(leaf, match, out);
	else
		by_kind[leaf->kind](leaf, match, out);
}

static uint64_t
row_number(struct match_batch *match, unsigned col, size_t row)
{
	uint64_t v;

	if (column_is_derived(col))
		return match_batch_derived(match, col)[row];
	v = batch_uint(match->batch, col, row);
	return column_info[col].type == COLUMN_TIME ? v ^ EXPR_TIME_BIAS : v;
}

static bool
row_leaf(const struct expr *e, struct match_batch *match, size_t row)
{
	struct addr a;

	switch (e->kind) {
	case EXPR_RANGE:
		return row_number(match, e->col, row) - e->lo <= e->hi - e->lo;
	case EXPR_NUMBERS:
		return expr_numbers_have(e, row_number(match, e->col, row));
	case EXPR_MASKED:
		return (row_number(match, e->col, row) & e->mask) - e->lo <=
		    e->hi - e->lo;
	case EXPR_HAS:
		return batch_has(match->batch, e->col, row);
	default:
		break;
	}
	a = batch_addr(match->batch, e->col, row);
	switch (e->kind) {
	case EXPR_PREFIX:
		return prefix_match(&e->prefix, &a);
	case EXPR_SET:
		return prefix_set_has(e->set, &a);
	default:
		return a.family == e->family;
	}
}

bool
expr_row(const struct expr *e, struct match_batch *match, size_t row)
{
	switch (e->kind) {
	case EXPR_TRUE:
		return true;
	case EXPR_NOT:
		return !expr_row(e->left, match, row);
	case EXPR_AND:
		return expr_row(e->left, match, row) &&
		    expr_row(e->right, match, row);
	case EXPR_OR:
		return expr_row(e->left, match, row) ||
		    expr_row(e->right, match, row);
	default:
		return row_leaf(e, match, row);
	}
}
