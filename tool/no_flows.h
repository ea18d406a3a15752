/*
 * Captures that gave no flow, and exporters in them: it is said why, though
 * nobody asked.
 *
 * Called by flowd-reader and flowd-stats. Test: test/program/test_silence.py,
 * test_stats.py.
 */
#ifndef FLOWD_NO_FLOWS_H
#define FLOWD_NO_FLOWS_H

#include "capture.h"
#include "decode.h"

struct no_flows {
	const char *program; /* what lines begin with; set by the caller */
	struct decode_counters before; /* when the capture was begun */
	bool said; /* of a capture */
};

/* A capture is begun. */
void no_flows_begin(struct no_flows *s, const struct decoder *dec);
/* It is at its end. */
void no_flows_print(struct no_flows *s, const struct decoder *dec,
    const struct capture_counters *c, const char *path);
/* All are: a line on exporters without flows, when no capture had one. */
void no_flows_print_exporters(
    const struct no_flows *s, const struct decoder *dec);

#endif
