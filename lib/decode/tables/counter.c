/* Counters; see counter.h. Test: test/unit/decode/test_counter.c. */
#include <string.h>

#include "counter.h"

const struct decode_counter_info
    decode_counter_info[DECODE_COUNTER_COUNT] = {
#define COUNTER(name_, text_) \
	[DECODE_COUNTER_##name_] = { \
		.name = #name_, \
		.text = text_, \
		.offset = offsetof(struct decode_counters, name_), \
	},
#include "counters.def"
#undef COUNTER
};

/* All counters are uint64_t, so they can be added as an array. */
_Static_assert(sizeof(struct decode_counters) % sizeof(uint64_t) == 0,
    "counters are uint64_t");

/* Adds times * others to sum. */
static void
counters_plus(struct decode_counters *sum, const struct decode_counters *others,
    uint64_t times)
{
	uint64_t a[sizeof(*sum) / sizeof(uint64_t)];
	uint64_t b[sizeof(*sum) / sizeof(uint64_t)];

	memcpy(a, sum, sizeof(a));
	memcpy(b, others, sizeof(b));
	for (size_t i = 0; i < sizeof(a) / sizeof(a[0]); i++)
		a[i] += times * b[i];
	memcpy(sum, a, sizeof(a));
}

void
counters_add(struct decode_counters *sum, const struct decode_counters *more)
{
	counters_plus(sum, more, 1);
}

/* Unsigned arithmetic wraps, so subtraction is addition modulo 2^64. */
void
counters_sub(struct decode_counters *sum, const struct decode_counters *less)
{
	counters_plus(sum, less, UINT64_MAX);
}
