/*
 * The table of counters, counters.def, and how they are added up.
 */
#ifndef FLOWD_COUNTER_H
#define FLOWD_COUNTER_H

#include <stddef.h>
#include <stdint.h>

#include "limit.h"
#include "malformed.h"

/* Counters of one exporter, or of all. Every datagram is in datagrams. */
struct decode_counters {
#define COUNTER(name, text) uint64_t name;
#include "counters.def"
#undef COUNTER
	uint64_t malformed[MALFORMED_COUNT];
	/* How often each limit took or refused something. */
	uint64_t limited[DECODER_LIMIT_COUNT];
};

/* The table of counters but malformed, for outputs. */
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

/* Add up counters. */
void counters_add(struct decode_counters *sum,
    const struct decode_counters *more);
/* Take some away again, which are in them. */
void counters_sub(struct decode_counters *sum,
    const struct decode_counters *less);

#endif
