/*
 * Progress of a client that is sent to: how long ago it took some of what
 * waits for it. One that takes nothing for PROGRESS_STALL_MS is given up. A
 * slow one that goes on taking is kept, however long it needs.
 *
 * When places are short the worst one gives way. That is who has stalled for a
 * second, or for longer than its line has made it wait before, the longest
 * first. When nobody has, whoever began lately is waited for: it is done soon,
 * or will have stalled. When all have been at it for some seconds it is the
 * slowest.
 *
 * Called by clients.c and http.c. Test: test/unit/flowd/test_progress.c.
 */
#ifndef FLOWD_PROGRESS_H
#define FLOWD_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

enum {
	PROGRESS_STALL_MS = 20000, /* then it is given up */
	PROGRESS_YIELD_MS = 1000, /* then another may have its place */
	PROGRESS_BEHIND_MS = 5000 /* or then, when it is the slowest */
};

struct progress {
	bool waits; /* something does for it */
	int64_t taken; /* octets, the most that was seen */
	int64_t taken_ms; /* when it was seen */
	int64_t gap_ms; /* the longest time without taking, before it did */
	int64_t first; /* as taken, when something began to wait */
	int64_t first_ms;
};

/* Nothing waits for it. */
void progress_begin(struct progress *p, int64_t taken, int64_t now_ms);
/* It has taken so many octets in all, and something waits for it, or not. */
void progress_note(
    struct progress *p, int64_t taken, bool waits, int64_t now_ms);

/* When it is given up, if it takes nothing until then; -1: nothing waits. */
int64_t progress_end_ms(const struct progress *p);
/* May another have its place, when it is the worst? */
bool progress_yields(const struct progress *p, int64_t now_ms);
bool progress_is_worse(const struct progress *a, const struct progress *b,
    int64_t now_ms);

#endif
