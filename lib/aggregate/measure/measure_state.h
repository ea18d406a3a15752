/*
 * States: the words of a group that its measures are worked out of. A state is
 * brought up to date for each flow, and two of one kind can be combined, in any
 * order, to what one state of all their flows would be.
 *
 * Sums stop at UINT64_MAX rather than wrap.
 *
 * Used by local_groups.c, partition.c and aggregate_result.c.
 * Test: test/unit/aggregate/test_measure_state.c.
 */
#ifndef FLOWD_MEASURE_STATE_H
#define FLOWD_MEASURE_STATE_H

#include "measure.h"

enum {
	STATES = 64 /* of an output, at most */
};

enum state_kind {
	STATE_FLOWS, /* how many; of parts of a flow the last one counts */
	STATE_COUNT, /* flows that have a value of the input */
	STATE_SUM,
	STATE_MIN, /* of values as they are ordered: see input_order() */
	STATE_MAX,
	STATE_DISTINCT, /* a struct distinct *, or 0 */
	STATE_HISTOGRAM /* a struct histogram *, or 0 */
};

struct state {
	uint8_t kind; /* enum state_kind */
	uint8_t input; /* enum column_index or enum input */
};

/* The states of an output, each once, and which a measure is made of. */
struct states {
	struct state state[STATES];
	unsigned n;
	bool additive; /* there are only sums and counts */
	bool flat; /* none points to what it keeps */
	uint8_t of[MEASURES][4]; /* indexes, by the function of the measure */
};

/* False when there are too many. */
bool states_init(struct states *s, const struct measures *measures);

static inline uint64_t
sum_saturated(uint64_t a, uint64_t b)
{
	uint64_t sum = a + b;

	return sum < a ? UINT64_MAX : sum;
}

/* What a group without flows has. */
static inline void
states_clear(const struct states *s, uint64_t *words)
{
	for (unsigned i = 0; i < s->n; i++)
		words[i] = s->state[i].kind == STATE_MIN ? UINT64_MAX : 0;
}

/*
 * Add what from has to words, and clear it: what it points to is taken over or
 * freed. False when out of memory; then words is as good as it was.
 */
bool states_combine(const struct states *s, uint64_t *words, uint64_t *from);
/* The same, but from stays as it is, and is not pointed to. */
bool states_add_each(
    const struct states *s, uint64_t *words, const uint64_t *from);

static inline bool
states_add(const struct states *s, uint64_t *words, const uint64_t *from)
{
	if (!s->additive)
		return states_add_each(s, words, from);
	for (unsigned i = 0; i < s->n; i++)
		words[i] = sum_saturated(words[i], from[i]);
	return true;
}

/* Free what the words point to. */
void states_drop(const struct states *s, uint64_t *words);
/* Octets that words point to. */
size_t states_octets(const struct states *s, const uint64_t *words);

/* Of STATE_DISTINCT: add a value by its hash; false when out of memory. */
bool state_distinct_add(uint64_t *word, uint64_t hash);
uint64_t state_distinct_count(uint64_t word, bool *estimate);
/* Of STATE_HISTOGRAM; see histogram.h. */
bool state_histogram_add(uint64_t *word, uint64_t value);
bool state_histogram_permille(
    uint64_t word, unsigned permille, uint64_t *value, bool *estimate);

#endif
