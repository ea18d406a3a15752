/*
 * Limits in the log: what they took from exporters or refused them, each at
 * most once a minute. flowctl(8) tells the rest.
 *
 * Called by engine.c and replay.c. Test: test/program/test_limits.py.
 */
#ifndef FLOWD_LIMITS_LOG_H
#define FLOWD_LIMITS_LOG_H

#include "decode.h"
#include "log.h"

struct limits_log {
	uint64_t hits; /* of all limits, when they were looked at */
	struct limits_log_row {
		uint64_t told; /* hits */
		struct log_limit due;
	} rows[DECODER_LIMIT_COUNT];
};

/* Tell what is new and due. Cheap when nothing is. */
void limits_log_update(struct limits_log *l, const struct decoder *dec);
/* Tell all of it, as of a capture; name is what is read. */
void limits_log_all(const struct decoder *dec, const char *name);

#endif
