/*
 * The counters of a decoder; counters.def is their table.
 * Test: test/unit/decode/test_counter.c.
 */
#ifndef FLOWD_COUNTER_H
#define FLOWD_COUNTER_H

#include <stddef.h>
#include <stdint.h>

#include "limit.h"
#include "malformed.h"

/* Counters of one exporter, or of all. datagrams counts every datagram. */
struct decode_counters {
#define COUNTER(name, text) uint64_t name;
#include "counters.def"
#undef COUNTER
	uint64_t malformed[MALFORMED_COUNT];
	/* How often each limit evicted or refused something. */
	uint64_t limited[DECODER_LIMIT_COUNT];
};

/* The table of counters without malformed and limited, for reports. */
struct decode_counter_info {
	const char *name;
	const char *text;
	size_t offset;		/* in struct decode_counters */
};

enum {
#define COUNTER(name, text) DECODE_COUNTER_##name,
#include "counters.def"
#undef COUNTER
	DECODE_COUNTER_COUNT
};

extern const struct decode_counter_info
    decode_counter_info[DECODE_COUNTER_COUNT];

/* Adds all counters of more to sum. */
void counters_add(struct decode_counters *sum,
    const struct decode_counters *more);
/* Subtracts less, which is part of sum. */
void counters_sub(struct decode_counters *sum,
    const struct decode_counters *less);

#endif
