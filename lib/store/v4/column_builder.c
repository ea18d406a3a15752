/* The values of one column; see column_builder.h. */
#include <stdlib.h>

#include "column_builder.h"
#include "vectorize.h"

enum {
	SLACK = 64,	/* runs that are always allowed */
	STEP = 8	/* values that are compared at once */
};

void
column_builder_init(struct column_builder *c, unsigned width, bool is_time,
    bool is_number)
{
	*c = (struct column_builder){ .natural = (uint8_t)width,
		.is_time = is_time, .is_number = is_number };
	column_builder_reset(c);
}

void
column_builder_fini(struct column_builder *c)
{
	free(c->any);
	free(c->run);
	free(c->begin);
	free(c->valid);
}

void
column_builder_reset(struct column_builder *c)
{
	c->n = c->nruns = 0;
	c->as = COLUMN_CONSTANT;
	c->some = false;
	c->width = c->natural == 8 && !c->is_time ? 4 : c->natural;
	if (c->shuns > 0)
		c->shuns--;
}

void
column_builder_widen(struct column_builder *c, struct values *v)
{
	uint64_t sign = c->is_time ? (uint64_t)INT64_MIN : 0;

	v->is_signed = c->is_time;
	values_range(v);
	if (c->n == 0 || (v->min ^ sign) < (c->min ^ sign))
		c->min = v->min;
	if (c->n == 0 || (v->max ^ sign) > (c->max ^ sign))
		c->max = v->max;
}

/* Writes a value n times, from row on. */
static void
values_fill(struct column_builder *c, size_t row, size_t n, uint64_t v)
{
	switch (c->width) {
	case 1:
		memset(c->u8 + row, (int)v, n);
		break;
	case 2:
		for (size_t i = row; i < row + n; i++)
			c->u16[i] = (uint16_t)v;
		break;
	case 4:
		for (size_t i = row; i < row + n; i++)
			c->u32[i] = (uint32_t)v;
		break;
	default:
		for (size_t i = row; i < row + n; i++)
			c->u64[i] = v;
		break;
	}
}

/* Widens the array of a counter, which is as narrow as its values allow. */
static void
make_wide(struct column_builder *c)
{
	c->width = c->natural;
	for (size_t i = c->n; c->as == COLUMN_ARRAY && i > 0; i--)
		c->u64[i - 1] = c->u32[i - 1];
}

bool
column_builder_materialize(struct column_builder *c)
{
	if (c->any == NULL)
		c->any = malloc(COLUMN_ROWS * (size_t)c->natural);
	if (c->any == NULL)
		return false;
	if (c->n > 0 && c->as != COLUMN_ARRAY && c->width < c->natural &&
	    c->max > UINT32_MAX)
		make_wide(c);
	if (c->as == COLUMN_CONSTANT)
		values_fill(c, 0, c->n, c->first);
	for (size_t i = 0; c->as == COLUMN_RUNS && i < c->nruns; i++) {
		size_t end = i + 1 < c->nruns ? c->begin[i + 1] : c->n;

		values_fill(c, c->begin[i], end - c->begin[i], c->run[i]);
	}
	c->as = COLUMN_ARRAY;
	return true;
}

/* Appends values to the array. */
static void
values_append(struct column_builder *c, struct values *v)
{
	if (!c->is_number)
		column_builder_widen(c, v);
	if (c->width < v->width && v->max > UINT32_MAX)
		make_wide(c);
	if (c->width == v->width) {
		memcpy(c->u8 + c->n * v->width, v->any, v->n * v->width);
	} else {
		uint32_t *restrict out = c->u32 + c->n;

		for (size_t i = 0; i < v->n; i++)
			out[i] = (uint32_t)v->u64[i];
	}
}

static void
note_run(struct column_builder *c, size_t row, uint64_t v)
{
	uint64_t sign = c->is_time ? (uint64_t)INT64_MIN : 0;

	c->run[c->nruns] = v;
	c->begin[c->nruns++] = (uint32_t)row;
	if (c->nruns == 1)
		c->min = c->max = v;
	if ((v ^ sign) < (c->min ^ sign))
		c->min = v;
	if ((v ^ sign) > (c->max ^ sign))
		c->max = v;
}

/* Starts to store the column as runs. False when out of memory. */
static bool
begin_runs(struct column_builder *c)
{
	if (c->run == NULL)
		c->run = malloc(COLUMN_RUNS_MAX * sizeof(*c->run));
	if (c->begin == NULL)
		c->begin = malloc(COLUMN_RUNS_MAX * sizeof(*c->begin));
	if (c->run == NULL || c->begin == NULL)
		return false;
	if (c->as == COLUMN_CONSTANT && c->n > 0)
		note_run(c, 0, c->first);
	c->as = COLUMN_RUNS;
	return true;
}

/*
 * A run starts where a value differs from the one before. Mostly none of STEP
 * values does, which one comparison shows. False when there are too many runs.
 */
#define FIND_RUNS(T, name) \
	VECTORIZE static bool name(struct column_builder *c, const T *v, \
	    size_t n, size_t max) \
	{ \
		for (size_t i = 1, end; i < n; i = end) { \
			T differ = 0; \
\
			end = n - i < STEP ? n : i + STEP; \
			for (size_t k = i; k < i + STEP && end - i == STEP; \
			     k++) \
				differ |= v[k] ^ v[k - 1]; \
			if (differ == 0 && end - i == STEP) \
				continue; \
			for (size_t k = i; k < end; k++) { \
				if (v[k] == v[k - 1]) \
					continue; \
				if (c->nruns == max) \
					return false; \
				note_run(c, c->n + k, v[k]); \
			} \
		} \
		return true; \
	}

FIND_RUNS(uint8_t, find_runs8)
FIND_RUNS(uint16_t, find_runs16)
FIND_RUNS(uint32_t, find_runs32)
FIND_RUNS(uint64_t, find_runs64)

static bool
find_runs(struct column_builder *c, const struct values *v, size_t max)
{
	uint64_t first = values_at(v, 0);

	if (c->nruns + 1 > max)
		return false;
	if (c->nruns == 0 || c->run[c->nruns - 1] != first)
		note_run(c, c->n, first);
	switch (v->width) {
	case 1:
		return find_runs8(c, v->u8, v->n, max);
	case 2:
		return find_runs16(c, v->u16, v->n, max);
	case 4:
		return find_runs32(c, v->u32, v->n, max);
	default:
		return find_runs64(c, v->u64, v->n, max);
	}
}

/*
 * Adds values as runs; false, with nothing added, when that does not pay off.
 */
static bool
add_runs(struct column_builder *c, const struct values *v)
{
	size_t max = SLACK + (c->n + v->n) / COLUMN_RUN, before;
	uint64_t least, most;

	if (!begin_runs(c))
		return false;
	if (max > COLUMN_RUNS_MAX)
		max = COLUMN_RUNS_MAX;
	before = c->nruns;
	least = c->min;
	most = c->max;
	if (find_runs(c, v, max))
		return true;
	c->nruns = before;
	c->min = least;
	c->max = most;
	return false;
}

/* Adds values without an array; false when that does not pay off. */
static bool
add_same(struct column_builder *c, const struct values *v)
{
	if (c->as == COLUMN_CONSTANT && values_constant(v) &&
	    (c->n == 0 || values_at(v, 0) == c->first)) {
		c->first = c->min = c->max = values_at(v, 0);
		return true;
	}
	return add_runs(c, v);
}

bool
column_builder_add(struct column_builder *c, struct values *v)
{
	if (c->as == COLUMN_ARRAY || !add_same(c, v)) {
		if (!column_builder_materialize(c))
			return false;
		values_append(c, v);
	}
	c->n += v->n;
	return true;
}

struct values
column_builder_values(const struct column_builder *c)
{
	return (struct values){ .n = c->n, .width = c->width, .any = c->any,
		.is_signed = c->is_time, .scaled = c->is_time,
		.ranged = c->as == COLUMN_CONSTANT || !c->is_number,
		.min = c->as == COLUMN_CONSTANT ? c->first : c->min,
		.max = c->as == COLUMN_CONSTANT ? c->first : c->max };
}
