/*
 * Log messages about decoder limits that were reached, each at most once a
 * minute; flowctl(8) has the rest.
 *
 * Called by engine.c and replay.c. Test: test/program/flowd/test_limits.py.
 */
#ifndef FLOWD_LIMITS_LOG_H
#define FLOWD_LIMITS_LOG_H

#include "decode.h"
#include "log.h"

struct limits_log {
	uint64_t hits; /* of all limits, at the last update */
	struct limits_log_row {
		uint64_t logged; /* hits */
		struct log_limit due;
	} rows[DECODER_LIMIT_COUNT];
};

/* Log new hits that are due. Cheap when there are none. */
void limits_log_update(struct limits_log *l, const struct decoder *dec);
/* Log all hits, at the end of a capture; name is that of the capture. */
void limits_log_all(const struct decoder *dec, const char *name);

#endif
