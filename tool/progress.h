/*
 * How far a long piece of work is, on standard error when that is a terminal.
 *
 * Called by flowd-reader. Test: test/program/test_reader_v4.py.
 */
#ifndef FLOWD_TOOL_PROGRESS_H
#define FLOWD_TOOL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool wanted; /* somebody wants to see it */
	bool shown; /* there is a line to wipe out */
	int64_t next_ms; /* when to show it again */
};

/*
 * The work begins. alone: it prints nothing on standard output that a terminal
 * would mix with it.
 */
void progress_begin(struct progress *p, bool alone);
/* It is at, out of all: show it if it is time for that. Cheap otherwise. */
void progress_show(
    struct progress *p, const char *path, uint64_t at, uint64_t all);
/* Wipe it out, for something else to be printed, or when the work ends. */
void progress_end(struct progress *p);

#endif
