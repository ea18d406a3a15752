/*
 * How far a long piece of work is, on standard error when that is a terminal.
 *
 * Called by reader.c. Test: test/program/test_reader_v4.py.
 */
#ifndef FLOWD_READER_PROGRESS_H
#define FLOWD_READER_PROGRESS_H

#include "input.h"

struct progress {
	bool alone; /* no flows are printed, with which it would be mixed */
	bool asked, wanted; /* whether anybody wants to see it */
	bool shown; /* there is a line to wipe out */
	const char *path;
	int64_t next_ms; /* when to show it again */
};

void progress_begin(struct progress *p, const char *path);
/* Show it if it is time for that. Cheap otherwise. */
void progress_show(struct progress *p, const struct input *in);
/* The same, of work that is at, out of all. */
void progress_show_at(struct progress *p, uint64_t at, uint64_t all);
void progress_end(struct progress *p);

#endif
