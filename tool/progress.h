/*
 * The progress of a long operation, on standard error if that is a terminal.
 *
 * Called by flowd-reader and flowd-stats. Test:
 * test/program/reader/test_reader_v4.py.
 */
#ifndef FLOWD_TOOL_PROGRESS_H
#define FLOWD_TOOL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool wanted; /* standard error is a terminal */
	bool shown; /* there is a line to erase */
	int64_t next_ms; /* when to show it again */
};

/*
 * Start. alone: the operation prints nothing on standard output that would mix
 * with the progress on a terminal.
 */
void progress_begin(struct progress *p, bool alone);
/* Show the position, at out of all, if an update is due. Cheap otherwise. */
void progress_show(
    struct progress *p, const char *path, uint64_t at, uint64_t all);
/* Erase the line, before other output and at the end. */
void progress_end(struct progress *p);

#endif
