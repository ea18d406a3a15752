/*
 * Inputs: what the measures of a batch are fed with, each as an array of
 * 64-bit words with one word a row.
 *
 * Times are ordered as unsigned integers: see time_to_word(). An address or a
 * MAC address is a hash, of which only STATE_DISTINCT makes use.
 *
 * Used by flow_parts.c and local_groups.c. Test: test/unit/aggregate/
 * test_inputs.c.
 */
#ifndef FLOWD_INPUTS_H
#define FLOWD_INPUTS_H

#include "batch.h"
#include "measure_state.h"

struct input_column {
	const uint64_t *word; /* of each row; 0 where there is no value */
	const uint64_t *valid; /* bitmap; NULL: all selected rows have one */
	uint64_t *own, *own_valid; /* what they point to, if not to the batch */
};

struct inputs {
	struct input_column column[INPUT_COUNT];
	bool wanted[INPUT_COUNT];
	bool scale; /* octets and packets times the sampling rate */
	uint64_t unscaled; /* selected rows whose rate is not known */
};

/* wanted and scale are set by the caller before. False: out of memory. */
bool inputs_init(struct inputs *in);
void inputs_fini(struct inputs *in);

/* Look at a batch, which is borrowed until the next. */
void inputs_load(struct inputs *in, const struct batch *batch);

static inline uint64_t
time_to_word(int64_t ns)
{
	return (uint64_t)ns ^ UINT64_C(1) << 63;
}

static inline int64_t
word_to_time(uint64_t word)
{
	return (int64_t)(word ^ UINT64_C(1) << 63);
}

static inline bool
input_has(const struct input_column *c, size_t row)
{
	return c->valid == NULL || bitmap_test(c->valid, row);
}

#endif
