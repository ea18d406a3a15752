/* Values of measures; see measure_value.h. */
#include <string.h>

#include "measure_value.h"

static double
span_seconds(uint64_t from_ns, uint64_t to_ns)
{
	return to_ns > from_ns ? (double)(to_ns - from_ns) / 1e9 : 0;
}

/* Seconds of the bin of a group. */
static double
group_bin_seconds(
    const struct aggregate_group *g, const uint64_t *key, bool general)
{
	struct key_value bin = key_unpack(&g->layout.keys, general, key, 0);
	int64_t from = time_bin_begin(&g->bins, (uint32_t)bin.lo);
	int64_t to = time_bin_begin(&g->bins, (uint32_t)bin.lo + 1);

	return (double)(to - from) / 1e9;
}

static void
value_set_ns(struct aggregate_value *v, uint64_t ns)
{
	v->kind = VALUE_NS;
	v->ns = ns > INT64_MAX ? INT64_MAX : (int64_t)ns;
}

static void
value_set_uint(struct aggregate_value *v, unsigned type, uint64_t word)
{
	switch ((enum measure_type)type) {
	case MEASURE_TIME:
		v->kind = VALUE_TIME;
		v->ns = word_to_time(word);
		break;
	case MEASURE_NS:
		value_set_ns(v, word > SPAN_MAX_US ? UINT64_MAX : word * 1000);
		break;
	default:
		v->kind = VALUE_UINT;
		v->uint = word;
		break;
	}
}

static void
value_set_real(struct aggregate_value *v, double dividend, double divisor)
{
	if (divisor <= 0)
		return;
	v->kind = VALUE_REAL;
	v->real = dividend / divisor;
}

void
measure_value(const struct aggregate_group *g, unsigned measure,
    const uint64_t *state, const uint64_t *key, bool general,
    struct aggregate_value *v)
{
	const struct measure *m = &g->output.measures.measure[measure];
	const uint8_t *of = g->layout.states.of[measure];
	const uint64_t a = state[of[0]], b = state[of[1]], c = state[of[2]];
	uint64_t word;

	*v = (struct aggregate_value){ .kind = VALUE_NONE };
	switch ((enum measure_function)m->function) {
	case MEASURE_FLOWS:
	case MEASURE_SUM:
		value_set_uint(v, m->type, a);
		break;
	case MEASURE_MIN:
	case MEASURE_MAX:
		if (b > 0)
			value_set_uint(v, m->type, a);
		break;
	case MEASURE_AVG:
		if (b > 0 && m->type == MEASURE_NS)
			value_set_uint(v, m->type, a / b);
		else
			value_set_real(v, (double)a, (double)b);
		break;
	case MEASURE_PERCENTILE:
		if (state_histogram_permille(
			a, m->permille, &word, &v->estimate))
			value_set_uint(v, m->type, word);
		break;
	case MEASURE_DISTINCT:
		word = state_distinct_count(a, &v->estimate);
		value_set_uint(v, m->type, word);
		break;
	case MEASURE_RATE:
		value_set_real(v, (double)a * m->factor,
		    g->output.bin_ns != 0 && key != NULL
			? group_bin_seconds(g, key, general)
			: span_seconds(b, c));
		break;
	case MEASURE_RATIO:
		value_set_real(v, (double)a, (double)b);
		break;
	case MEASURE_SPAN:
		if (a <= b)
			value_set_ns(v, b - a);
		break;
	}
}

uint64_t
value_rank(const struct aggregate_value *v)
{
	uint64_t bits;

	switch ((enum aggregate_kind)v->kind) {
	case VALUE_UINT:
		return v->uint;
	case VALUE_TIME:
	case VALUE_NS:
		return time_to_word(v->ns);
	case VALUE_REAL:
		/* Reals that are not negative are ordered as their bits. */
		memcpy(&bits, &v->real, sizeof(bits));
		return bits;
	default:
		return 0;
	}
}
