/*
 * Detects clients that do not read what they are sent. A client that reads
 * nothing for STALL_MS although data waits for it is dropped. A slow client
 * that continues to read is kept, however long it takes.
 *
 * When all slots are taken, the worst client gives way: the one that has
 * stalled longest, for at least a second and longer than it ever paused before.
 * If none has stalled, a client that began lately is waited for. When all have
 * been reading for some seconds, it is the slowest.
 *
 * Called by clients.c and http.c. Test: test/unit/flowd/ipc/test_stall.c.
 */
#ifndef FLOWD_STALL_H
#define FLOWD_STALL_H

#include <stdbool.h>
#include <stdint.h>

enum {
	STALL_MS = 20000, /* then it is dropped */
	STALL_YIELD_MS = 1000, /* then it may have to give way */
	STALL_BEHIND_MS = 5000 /* or then, as the slowest */
};

struct stall {
	bool waits; /* data waits for it */
	int64_t delivered; /* octets that it has read */
	int64_t delivered_ms; /* when that last grew */
	int64_t gap_ms; /* its longest pause */
	int64_t first; /* octets read when data began to wait */
	int64_t first_ms;
};

/* Start, with nothing that waits. */
void stall_begin(struct stall *p, int64_t delivered, int64_t now_ms);
/* Record how much it has read in all, and whether more waits for it. */
void stall_update(
    struct stall *p, int64_t delivered, bool waits, int64_t now_ms);

/* When it is dropped unless it reads before; -1: nothing waits. */
int64_t stall_end_ms(const struct stall *p);

/* The worst client of those that were compared. */
struct stall_worst {
	const struct stall *stall; /* NULL: none yet */
	void *owner; /* the client */
};

void stall_compare(struct stall_worst *worst, const struct stall *s,
    void *owner, int64_t now_ms);
/* The owner of the worst if it must give way; or NULL. */
void *stall_victim(const struct stall_worst *worst, int64_t now_ms);

#endif
