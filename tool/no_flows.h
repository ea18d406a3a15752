/*
 * Explains why captures, or exporters in them, gave no flows.
 *
 * Called by flowd-reader and flowd-stats. Tests:
 * test/program/flowd/test_silence.py, test/program/stats/test_stats.py.
 */
#ifndef FLOWD_NO_FLOWS_H
#define FLOWD_NO_FLOWS_H

#include "capture.h"
#include "decode.h"

struct no_flows {
	const char *program; /* prefix of lines; set by the caller */
	struct decode_counters before; /* at the start of the capture */
	bool printed; /* a line for a capture was printed */
};

/* Call at the beginning of a capture. */
void no_flows_begin(struct no_flows *s, const struct decoder *dec);
/* Call at its end: print why it gave no flows, if it gave none. */
void no_flows_print(struct no_flows *s, const struct decoder *dec,
    const struct capture_counters *c, const char *path);
/*
 * Call after all captures: print a line on exporters without flows, unless a
 * line was printed for a capture.
 */
void no_flows_print_exporters(
    const struct no_flows *s, const struct decoder *dec);

#endif
