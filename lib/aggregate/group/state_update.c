/* Updates of states; see state_update.h. */
#include "distinct.h"
#include "state_update.h"

static void
update_flows(const struct states_update *u, unsigned state,
    const struct flow_parts *parts)
{
	size_t step = u->step, whole = parts->nwhole;
	uint64_t *s = u->state + state;

	if (u->one) {
		uint64_t *to = s + u->group[0] * step;

		*to = sum_saturated(*to, whole);
	} else {
		for (size_t i = 0; i < whole; i++)
			s[u->group[i] * step]++;
	}
	for (size_t i = whole; i < parts->n; i++)
		s[u->group[i] * step] += share_of(&parts->share[i], 1);
}

/* Of flows that are in several bins each counts. */
static void
update_count(const struct states_update *u, unsigned state,
    const struct input_column *c, const struct flow_parts *parts)
{
	size_t step = u->step;
	uint64_t *s = u->state + state;

	for (size_t i = 0; i < parts->n; i++)
		if (input_has(c, parts->row[i]))
			s[u->group[i] * step]++;
}

/* The sum of words of which none is so large that it could wrap. */
static bool
sum_of_small(const uint64_t *word, size_t n, uint64_t *sum)
{
	uint64_t total = 0, all = 0;

	for (size_t i = 0; i < n; i++) {
		total += word[i];
		all |= word[i];
	}
	*sum = total;
	return all >> 48 == 0;
}

/* The sum of words of rows, if none is so large that it could wrap. */
static bool
sum_of_small_rows(
    const uint64_t *word, const uint16_t *row, size_t n, uint64_t *sum)
{
	uint64_t total = 0, all = 0;

	for (size_t i = 0; i < n; i++) {
		total += word[row[i]];
		all |= word[row[i]];
	}
	*sum = total;
	return all >> 48 == 0;
}

/* Whole flows that are all of one group. False when their sum may wrap. */
static bool
update_sum_at_once(uint64_t *to, const struct input_column *c,
    const struct flow_parts *parts)
{
	uint64_t sum;
	bool good = parts->dense
	    ? sum_of_small(c->word, parts->nwhole, &sum)
	    : sum_of_small_rows(c->word, parts->row, parts->nwhole, &sum);

	if (good)
		*to = sum_saturated(*to, sum);
	return good;
}

static void
update_sum(const struct states_update *u, unsigned state,
    const struct input_column *c, const struct flow_parts *parts)
{
	size_t step = u->step, whole = parts->nwhole;
	uint64_t *s = u->state + state;

	if (u->one && update_sum_at_once(&s[u->group[0] * step], c, parts)) {
		;
	} else if (parts->dense) {
		for (size_t i = 0; i < whole; i++) {
			uint64_t *to = &s[u->group[i] * step];

			*to = sum_saturated(*to, c->word[i]);
		}
	} else {
		for (size_t i = 0; i < whole; i++) {
			uint64_t *to = &s[u->group[i] * step];

			*to = sum_saturated(*to, c->word[parts->row[i]]);
		}
	}
	for (size_t i = whole; i < parts->n; i++) {
		uint64_t *to = &s[u->group[i] * step];

		*to = sum_saturated(*to,
		    share_of(&parts->share[i], c->word[parts->row[i]]));
	}
}

/* A flow counts in each bin that it is in. */
static void
update_extreme(const struct states_update *u, unsigned state, bool least,
    const struct input_column *c, const struct flow_parts *parts)
{
	size_t step = u->step;
	uint64_t *s = u->state + state;

	for (size_t i = 0; i < parts->n; i++) {
		uint64_t *to = &s[u->group[i] * step];
		uint64_t v = c->word[parts->row[i]];

		if (input_has(c, parts->row[i]) && (least ? v < *to : v > *to))
			*to = v;
	}
}

static bool
update_sketch(const struct states_update *u, unsigned state, bool distinct,
    const struct input_column *c, const struct flow_parts *parts)
{
	size_t step = u->step;
	uint64_t *s = u->state + state;
	const uint64_t secret = u->secret;
	bool good = true;

	for (size_t i = 0; i < parts->n && good; i++) {
		uint64_t *to = &s[u->group[i] * step];
		uint64_t v = c->word[parts->row[i]];

		if (input_has(c, parts->row[i]))
			good = distinct
			    ? state_distinct_add(to, distinct_hash(v ^ secret))
			    : state_histogram_add(to, v);
	}
	return good;
}

bool
states_update(const struct states_update *u, const struct inputs *in,
    const struct flow_parts *parts)
{
	const struct states *states = u->states;
	bool good = true;

	for (unsigned i = 0; i < states->n && good; i++) {
		unsigned kind = states->state[i].kind;
		const struct input_column *c =
		    &in->column[states->state[i].input];

		switch ((enum state_kind)kind) {
		case STATE_FLOWS:
			update_flows(u, i, parts);
			break;
		case STATE_COUNT:
			update_count(u, i, c, parts);
			break;
		case STATE_SUM:
			update_sum(u, i, c, parts);
			break;
		case STATE_MIN:
		case STATE_MAX:
			update_extreme(u, i, kind == STATE_MIN, c, parts);
			break;
		case STATE_DISTINCT:
		case STATE_HISTOGRAM:
			good = update_sketch(
			    u, i, kind == STATE_DISTINCT, c, parts);
			break;
		}
	}
	return good;
}
