/*
 * Limits on what exporters can make a decoder keep or do; limits.def is their
 * table.
 * Test: test/unit/decode/test_limit.c.
 */
#ifndef FLOWD_LIMIT_H
#define FLOWD_LIMIT_H

#include <stddef.h>
#include <stdint.h>

/* The limits of a decoder; 0 selects the default. */
struct decoder_limits {
#define LIMIT(name, value, text) uint64_t name;
#include "limits.def"
#undef LIMIT
};

/* The table of limits, for configuration and reports. */
struct decoder_limit_info {
	const char *name;
	const char *text;
	uint64_t value;		/* the default */
	size_t offset;		/* in struct decoder_limits */
};

enum {
#define LIMIT(name, value, text) DECODER_LIMIT_##name,
#include "limits.def"
#undef LIMIT
	DECODER_LIMIT_COUNT
};

extern const struct decoder_limit_info
    decoder_limit_info[DECODER_LIMIT_COUNT];

#endif
