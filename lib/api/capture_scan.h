/*
 * Captures for scans: lib/capture takes the datagrams out of a file, and a
 * decoder makes rows of them. lib/query knows neither.
 *
 * Called by flowd_scan.c, flowd-reader, flowd-stats and flowd-send.
 * Test: test/program/test_captures.py.
 */
#ifndef FLOWD_CAPTURE_SCAN_H
#define FLOWD_CAPTURE_SCAN_H

#include "capture.h"
#include "decode.h"
#include "scan.h"

struct capture_scan {
	struct decoder *decoder; /* keeps its templates over files; borrowed */
	struct capture *capture; /* the one that is read, or NULL */
};

/*
 * A stream of a descriptor, which is taken over, also on failure; the octet
 * that was seen of it goes back. NULL with err set.
 */
FILE *capture_scan_stream(int fd, struct bytes seen, const char *name,
    struct flowd_error *err);

/* The table for a plan; c is borrowed. */
struct scan_capture capture_scan_table(struct capture_scan *c);

#endif
