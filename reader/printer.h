/*
 * The consumer of a scan that prints flows.
 *
 * Called by reader.c. Test: test/program/reader/test_reader.py,
 * test_reader_v4.py.
 */
#ifndef FLOWD_READER_PRINTER_H
#define FLOWD_READER_PRINTER_H

#include "format.h"
#include "output.h"
#include "scan.h"

/* Its arg; all is borrowed. */
struct printer_args {
	const struct format *format;
	const struct formatter *formatter; /* copied for each thread */
	struct output *to;
};

extern const struct scan_consumer printer_consumer;

#endif
