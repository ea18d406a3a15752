/*
 * Captures as a source of scans: lib/capture reads datagrams from a file, and a
 * decoder turns them into rows. lib/query depends on neither.
 *
 * Called by flowd_scan.c, flowd-reader, flowd-stats and flowd-send.
 * Test: test/program/reader/test_captures.py.
 */
#ifndef FLOWD_CAPTURE_SCAN_H
#define FLOWD_CAPTURE_SCAN_H

#include "capture.h"
#include "decode.h"
#include "scan.h"

struct capture_scan {
	struct decoder *decoder; /* keeps templates across files; borrowed */
	struct capture *capture; /* the current one, or NULL */
};

/*
 * A stream of a descriptor, which is taken, also on failure; the octet that was
 * already read from it is put back. NULL with err set.
 */
FILE *capture_scan_stream(int fd, struct bytes seen, const char *name,
    struct flowd_error *err);

/* The functions for the plan of a scan; c is borrowed. */
struct scan_capture capture_scan_table(struct capture_scan *c);

#endif
