/*
 * Progress of a client that is sent to: how long ago it took some of what
 * waits for it. One that takes nothing for STALL_MS is given up. A
 * slow one that goes on taking is kept, however long it needs.
 *
 * When places are short the worst one gives way. That is who has stalled for a
 * second, or for longer than its line has made it wait before, the longest
 * first. When nobody has, whoever began lately is waited for: it is done soon,
 * or will have stalled. When all have been at it for some seconds it is the
 * slowest.
 *
 * Called by clients.c and http.c. Test: test/unit/flowd/test_stall.c.
 */
#ifndef FLOWD_STALL_H
#define FLOWD_STALL_H

#include <stdbool.h>
#include <stdint.h>

enum {
	STALL_MS = 20000, /* then it is given up */
	STALL_YIELD_MS = 1000, /* then another may have its place */
	STALL_BEHIND_MS = 5000 /* or then, when it is the slowest */
};

struct stall {
	bool waits; /* something does for it */
	int64_t taken; /* octets, the most that was seen */
	int64_t taken_ms; /* when it was seen */
	int64_t gap_ms; /* the longest time without taking, before it did */
	int64_t first; /* as taken, when something began to wait */
	int64_t first_ms;
};

/* Nothing waits for it. */
void stall_begin(struct stall *p, int64_t taken, int64_t now_ms);
/* It has taken so many octets in all, and something waits for it, or not. */
void stall_note(struct stall *p, int64_t taken, bool waits, int64_t now_ms);

/* When it is given up, if it takes nothing until then; -1: nothing waits. */
int64_t stall_end_ms(const struct stall *p);

/* The worst of several, as they are compared one after the other. */
struct stall_worst {
	const struct stall *stall; /* NULL: none yet */
	void *owner; /* whose that is */
};

void stall_compare(struct stall_worst *worst, const struct stall *s,
    void *owner, int64_t now_ms);
/* The owner of the worst, if it is to give way; or NULL. */
void *stall_victim(const struct stall_worst *worst, int64_t now_ms);

#endif
