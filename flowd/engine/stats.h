/*
 * Statistics as log messages: the lines of the first flowd, then what it did
 * not count. Called by engine_imsg.c, on USR2 and INFO.
 * Test: test/program/flowd/test_flowd.py.
 */
#ifndef FLOWD_STATS_H
#define FLOWD_STATS_H

#include "pipeline.h"
#include "ring.h"

/* The counts of one log. */
struct stats_log {
	const char *name; /* NULL: the log file, which totals cover */
	const char *word; /* "logdir" */
	unsigned slot;
	const char *verb; /* in the past tense: "stored" */
	struct ring_counts counts;
};

void stats_log(const struct pipeline *p, const struct stats_log *logs,
    size_t n);

#endif
