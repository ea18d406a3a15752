/*
 * Limits in the log: what they took from exporters or refused them, each at
 * most once a minute. flowctl(8) tells the rest.
 *
 * Called by worker.c and replay.c. Test: test/program/test_limits.py.
 */
#ifndef FLOWD_LIMITLOG_H
#define FLOWD_LIMITLOG_H

#include "daemonlog.h"
#include "decode.h"

struct limitlog {
	uint64_t hits; /* of all limits, when they were looked at */
	struct limitlog_row {
		uint64_t told; /* hits */
		struct log_limit due;
	} rows[DECODER_LIMIT_COUNT];
};

/* Tell what is new and due. Cheap when nothing is. */
void limitlog_look(struct limitlog *l, const struct decoder *dec);
/* Tell all of it, as of a capture; name is what is read. */
void limitlog_sum(const struct decoder *dec, const char *name);

#endif
