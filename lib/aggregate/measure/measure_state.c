/* States of measures; see measure_state.h. */
#include "distinct.h"
#include "histogram.h"
#include "measure_state.h"

/* What the functions of measures are worked out of. */
struct need {
	uint8_t kind; /* enum state_kind */
	uint8_t input; /* or SAME: that of the measure */
};

enum {
	SAME = 255,
	NEEDS = 3
};

_Static_assert((int)INPUT_COUNT < (int)SAME, "inputs are octets");

static const struct needs {
	unsigned n;
	struct need need[NEEDS];
} needs[] = {
	[MEASURE_FLOWS] = { 1, { { STATE_FLOWS, 0 } } },
	[MEASURE_SUM] = { 1, { { STATE_SUM, SAME } } },
	[MEASURE_MIN] = { 2, { { STATE_MIN, SAME }, { STATE_COUNT, SAME } } },
	[MEASURE_MAX] = { 2, { { STATE_MAX, SAME }, { STATE_COUNT, SAME } } },
	[MEASURE_AVG] = { 2, { { STATE_SUM, SAME }, { STATE_COUNT, SAME } } },
	[MEASURE_PERCENTILE] = { 1, { { STATE_HISTOGRAM, SAME } } },
	[MEASURE_DISTINCT] = { 1, { { STATE_DISTINCT, SAME } } },
	[MEASURE_RATE] = { 3,
	    { { STATE_SUM, SAME }, { STATE_MIN, INPUT_BEGIN },
		{ STATE_MAX, INPUT_END } } },
	[MEASURE_RATIO] = { 2,
	    { { STATE_SUM, SAME }, { STATE_SUM, COL_packets } } },
	[MEASURE_SPAN] = { 2,
	    { { STATE_MIN, INPUT_BEGIN }, { STATE_MAX, INPUT_END } } },
};

/* The index of a state, which is added if it is new; -1 if there is no room. */
static int
states_find(struct states *s, struct state want)
{
	for (unsigned i = 0; i < s->n; i++)
		if (s->state[i].kind == want.kind &&
		    s->state[i].input == want.input)
			return (int)i;
	if (s->n == STATES)
		return -1;
	s->state[s->n] = want;
	if (want.kind > STATE_SUM)
		s->additive = false;
	if (want.kind >= STATE_DISTINCT)
		s->flat = false;
	return (int)s->n++;
}

bool
states_init(struct states *s, const struct measures *measures)
{
	*s = (struct states){ .additive = true, .flat = true };
	for (unsigned i = 0; i < measures->n; i++) {
		const struct measure *m = &measures->measure[i];
		const struct needs *want = &needs[m->function];

		for (unsigned k = 0; k < want->n; k++) {
			struct state state = { want->need[k].kind,
				want->need[k].input };
			int at;

			if (state.input == SAME)
				state.input = m->input;
			at = states_find(s, state);
			if (at < 0)
				return false;
			s->of[i][k] = (uint8_t)at;
		}
	}
	return true;
}

/* Pointers are kept in words. */
static struct distinct *
word_distinct(uint64_t word)
{
	return (struct distinct *)(uintptr_t)word;
}

static struct histogram *
word_histogram(uint64_t word)
{
	return (struct histogram *)(uintptr_t)word;
}

bool
state_distinct_add(uint64_t *word, uint64_t hash)
{
	struct distinct *d = word_distinct(*word);
	bool good = distinct_add(&d, hash);

	*word = (uintptr_t)d;
	return good;
}

bool
state_histogram_add(uint64_t *word, uint64_t value)
{
	struct histogram *h = word_histogram(*word);
	bool good = histogram_add(&h, value);

	*word = (uintptr_t)h;
	return good;
}

uint64_t
state_distinct_count(uint64_t word, bool *estimate)
{
	return distinct_count(word_distinct(word), estimate);
}

bool
state_histogram_permille(
    uint64_t word, unsigned permille, uint64_t *value, bool *estimate)
{
	return histogram_permille(
	    word_histogram(word), permille, value, estimate);
}

static bool
state_distinct_merge(uint64_t *word, uint64_t from)
{
	struct distinct *d = word_distinct(*word);
	bool good = distinct_merge(&d, word_distinct(from));

	*word = (uintptr_t)d;
	return good;
}

static bool
state_histogram_merge(uint64_t *word, uint64_t from)
{
	struct histogram *h = word_histogram(*word);
	bool good = histogram_merge(&h, word_histogram(from));

	*word = (uintptr_t)h;
	return good;
}

bool
states_add_each(
    const struct states *s, uint64_t *words, const uint64_t *from)
{
	bool good = true;

	for (unsigned i = 0; i < s->n; i++) {
		uint64_t *to = &words[i];

		switch ((enum state_kind)s->state[i].kind) {
		case STATE_FLOWS:
		case STATE_COUNT:
		case STATE_SUM:
			*to = sum_saturated(*to, from[i]);
			break;
		case STATE_MIN:
			*to = *to < from[i] ? *to : from[i];
			break;
		case STATE_MAX:
			*to = *to > from[i] ? *to : from[i];
			break;
		case STATE_DISTINCT:
			good &= state_distinct_merge(to, from[i]);
			break;
		case STATE_HISTOGRAM:
			good &= state_histogram_merge(to, from[i]);
			break;
		}
	}
	return good;
}

bool
states_combine(const struct states *s, uint64_t *words, uint64_t *from)
{
	bool good;

	/* What only from has is taken over instead of copied. */
	for (unsigned i = 0; i < s->n; i++)
		if (s->state[i].kind >= STATE_DISTINCT && words[i] == 0) {
			words[i] = from[i];
			from[i] = 0;
		}
	good = states_add_each(s, words, from);
	states_drop(s, from);
	return good;
}

void
states_drop(const struct states *s, uint64_t *words)
{
	for (unsigned i = 0; i < s->n; i++)
		if (s->state[i].kind == STATE_DISTINCT)
			distinct_free(word_distinct(words[i]));
		else if (s->state[i].kind == STATE_HISTOGRAM)
			histogram_free(word_histogram(words[i]));
	states_clear(s, words);
}

size_t
states_octets(const struct states *s, const uint64_t *words)
{
	size_t octets = 0;

	for (unsigned i = 0; i < s->n; i++)
		if (s->state[i].kind == STATE_DISTINCT)
			octets += distinct_octets(word_distinct(words[i]));
		else if (s->state[i].kind == STATE_HISTOGRAM)
			octets += histogram_octets(word_histogram(words[i]));
	return octets;
}
