/* What measures are fed with; see inputs.h. */
#include <stdlib.h>
#include <string.h>

#include "distinct.h"
#include "flow_time.h"
#include "inputs.h"
#include "vectorize.h"

#define WORDS (BATCH_ROWS / 64)

bool
inputs_init(struct inputs *in)
{
	for (unsigned i = 0; i < INPUT_COUNT; i++) {
		struct input_column *c = &in->column[i];

		if (!in->wanted[i])
			continue;
		c->own = calloc(BATCH_ROWS, sizeof(*c->own));
		c->own_valid = calloc(WORDS, sizeof(*c->own_valid));
		if (c->own == NULL || c->own_valid == NULL)
			return false;
	}
	return true;
}

void
inputs_fini(struct inputs *in)
{
	for (unsigned i = 0; i < INPUT_COUNT; i++) {
		free(in->column[i].own);
		free(in->column[i].own_valid);
	}
}

#define WIDEN(T, from) \
	do { \
		const T *restrict v_ = (from); \
\
		for (size_t i = 0; i < n; i++) \
			out[i] = v_[i]; \
	} while (0)

/* Integers of n rows as words. */
VECTORIZE static void
widen(const struct column *c, unsigned type, size_t n, uint64_t *restrict out)
{
	switch (type) {
	case COLUMN_U8:
		WIDEN(uint8_t, c->u8);
		break;
	case COLUMN_U16:
		WIDEN(uint16_t, c->u16);
		break;
	case COLUMN_U32:
		WIDEN(uint32_t, c->u32);
		break;
	default:
		WIDEN(uint64_t, c->u64);
		break;
	}
}

VECTORIZE static void
flip_signs(uint64_t *word, size_t n)
{
	for (size_t i = 0; i < n; i++)
		word[i] ^= UINT64_C(1) << 63;
}

static void
hash_addresses(const struct column *c, size_t n, uint64_t *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = bitmap_test(c->is6, i)
		    ? distinct_hash128(c->v6[i].hi, c->v6[i].lo)
		    : distinct_hash(c->u32[i] | UINT64_C(1) << 40);
}

/* Have all selected rows a value? */
static bool
all_selected_have(const struct batch *batch, const uint64_t *valid)
{
	uint64_t lacking = 0;

	for (size_t w = 0; w < bitmap_words(batch->nrows); w++)
		lacking |= batch->selected[w] & ~valid[w];
	return lacking == 0;
}

/* Rows without a value count as 0 in sums. */
static void
clear_invalid(struct input_column *c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!bitmap_test(c->valid, i))
			c->own[i] = 0;
}

static void
load_column(
    struct input_column *c, unsigned col, const struct batch *batch)
{
	const struct column *from = &batch->col[col];
	unsigned type = column_info[col].type;
	bool full = all_selected_have(batch, from->valid);

	c->valid = full ? NULL : from->valid;
	c->word = c->own;
	if (full && type == COLUMN_U64) {
		c->word = from->u64;
		return;
	}
	if (type == COLUMN_ADDR)
		hash_addresses(from, batch->nrows, c->own);
	else
		widen(from, type, batch->nrows, c->own);
	if (type == COLUMN_TIME)
		flip_signs(c->own, batch->nrows);
	if (!full)
		clear_invalid(c, batch->nrows);
}

/* The time of a flow, and where there is one that of the column instead. */
static void
load_time(struct input_column *c, unsigned col, const struct batch *batch)
{
	const struct column *from = &batch->col[col];
	bool full = all_selected_have(batch, from->valid);

	c->word = c->own;
	c->valid = NULL;
	if (full) {
		widen(from, COLUMN_TIME, batch->nrows, c->own);
		flip_signs(c->own, batch->nrows);
		return;
	}
	memset(c->own_valid, 0, WORDS * sizeof(*c->own_valid));
	for (size_t i = 0; i < batch->nrows; i++) {
		int64_t ns = 0;
		bool has = bitmap_test(from->valid, i);

		if (has)
			ns = from->ns[i];
		else
			has = flow_time(batch, i, &ns);
		c->own[i] = has ? time_to_word(ns) : 0;
		if (has)
			bitmap_set(c->own_valid, i);
	}
	if (!all_selected_have(batch, c->own_valid))
		c->valid = c->own_valid;
}

/* Microseconds from begin to end; 0 where the end is before. */
static void
load_duration(struct input_column *c, const struct batch *batch)
{
	const struct column *begin = &batch->col[COL_flow_start];
	const struct column *end = &batch->col[COL_flow_end];

	for (size_t w = 0; w < bitmap_words(batch->nrows); w++)
		c->own_valid[w] = begin->valid[w] & end->valid[w];
	c->word = c->own;
	c->valid = all_selected_have(batch, c->own_valid) ? NULL
							  : c->own_valid;
	for (size_t i = 0; i < batch->nrows; i++) {
		bool has = bitmap_test(c->own_valid, i);

		c->own[i] = has && end->ns[i] > begin->ns[i]
		    ? ((uint64_t)end->ns[i] - (uint64_t)begin->ns[i]) / 1000
		    : 0;
	}
}

static uint64_t
product_saturated(uint64_t a, uint64_t b)
{
	uint64_t product;

	return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

/* A rate of 0 or 1 is of what is not sampled. */
static void
scale_column(struct input_column *c, const struct batch *batch)
{
	const struct column *rate = &batch->col[COL_sampling_interval];
	const uint64_t *from = c->word;

	for (size_t i = 0; i < batch->nrows; i++)
		c->own[i] = bitmap_test(rate->valid, i) && rate->u32[i] > 1
		    ? product_saturated(from[i], rate->u32[i])
		    : from[i];
	c->word = c->own;
}

static void
count_unscaled(struct inputs *in, const struct batch *batch)
{
	const uint64_t *valid = batch->col[COL_sampling_interval].valid;

	for (size_t w = 0; w < bitmap_words(batch->nrows); w++)
		in->unscaled += (uint64_t)__builtin_popcountll(
		    batch->selected[w] & ~valid[w]);
}

static bool
is_scaled(unsigned input)
{
	return input < COL_COUNT &&
	    (column_info[input].unit == UNIT_OCTETS ||
		column_info[input].unit == UNIT_PACKETS);
}

void
inputs_load(struct inputs *in, const struct batch *batch)
{
	for (unsigned i = 0; i < INPUT_COUNT; i++) {
		struct input_column *c = &in->column[i];

		if (!in->wanted[i])
			continue;
		if (i < COL_COUNT)
			load_column(c, i, batch);
		else if (i == INPUT_DURATION)
			load_duration(c, batch);
		else
			load_time(c, i == INPUT_BEGIN ? COL_flow_start
						      : COL_flow_end,
			    batch);
		if (in->scale && is_scaled(i))
			scale_column(c, batch);
	}
	if (in->scale)
		count_unscaled(in, batch);
}
