/* What a sample says of octets; see compress_estimate.h. */
#include <stdbool.h>
#include <string.h>

#include "compress_estimate.h"

enum {
	STRETCHES = 4,	/* of the sample, evenly spread */
	STRETCH = 256,
	STRING = 16,	/* octets that are a repetition when they come again */
	SLOTS_LOG2 = 9,	/* where they were seen */
	FRACTION = 64	/* of a bit */
};

/* Compression pays off below this entropy, in octets. */
#define WORTH_PERCENT 64

struct sample {
	uint8_t octets[STRETCHES * STRETCH];
	size_t n;
};

static void
take_sample(struct sample *s, const uint8_t *p, size_t len)
{
	size_t step = len / STRETCHES;

	s->n = len < sizeof(s->octets) ? len : sizeof(s->octets);
	if (s->n == len)
		memcpy(s->octets, p, len);
	else
		for (size_t i = 0; i < STRETCHES; i++)
			memcpy(s->octets + i * STRETCH, p + i * step, STRETCH);
}

/* The binary logarithm in fractions of a bit, interpolated between powers. */
static unsigned
log2_fractions(unsigned v)
{
	unsigned whole = 31 - (unsigned)__builtin_clz(v);

	return whole * FRACTION +
	    (v << (31 - whole) & 0x7fffffff) / ((UINT32_C(1) << 31) /
		FRACTION);
}

/* Do most strings of the sample occur earlier in it? */
static bool
sample_repeats(const struct sample *s)
{
	uint16_t slot[1 << SLOTS_LOG2] = { 0 };
	size_t again = 0, looks = s->n - STRING;

	for (size_t i = 0; i < looks; i++) {
		uint64_t v[2], old[2];
		uint16_t *at;

		memcpy(v, s->octets + i, STRING);
		at = &slot[(v[0] + 3 * v[1]) * UINT64_C(0x9e3779b97f4a7c15) >>
		    (64 - SLOTS_LOG2)];
		memcpy(old, s->octets + *at, STRING);
		again += ((old[0] ^ v[0]) | (old[1] ^ v[1])) == 0 && i > 0;
		*at = (uint16_t)i;
	}
	return again > looks / 2;
}

enum compress_gain
compress_estimate(const uint8_t *p, size_t len)
{
	unsigned count[256] = { 0 }, most = 0;
	struct sample s;
	uint64_t saved = 0, all;

	take_sample(&s, p, len);
	if (s.n <= STRING)
		return GAIN_NONE;
	for (size_t i = 0; i < s.n; i++)
		count[s.octets[i]]++;
	for (unsigned i = 0; i < 256; i++) {
		most = count[i] > most ? count[i] : most;
		saved += count[i] == 0 ? 0
		    : (uint64_t)count[i] * log2_fractions(count[i]);
	}
	if (most > s.n - s.n / 16 || sample_repeats(&s))
		return GAIN_MATCHES;
	all = (uint64_t)s.n * log2_fractions((unsigned)s.n);
	return (all - saved) * 100 < s.n * 8 * FRACTION * WORTH_PERCENT
	    ? GAIN_CODES
	    : GAIN_NONE;
}
