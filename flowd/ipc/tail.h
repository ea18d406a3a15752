/*
 * The live tail: accepted flows, streamed as blocks of a columnar log
 * (lib/store/v4). Flows that do not fit into the send buffer are dropped and
 * counted, so a slow reader never delays an engine.
 *
 * Called by responder.c and engine.c. Test:
 * test/unit/flowd/ipc/test_responder.c.
 */
#ifndef FLOWD_TAIL_H
#define FLOWD_TAIL_H

#include "block_writer.h"
#include "conn.h"

struct tail {
	struct block_writer *writer; /* NULL: off */
	struct buf block;
	uint64_t dropped; /* flows, since the last frame */
	int64_t due_ms; /* when the block is sent; 0: it is empty */
};

/* Start; does nothing when it is on already or memory is short. */
void tail_begin(struct tail *t, uint64_t seed);
void tail_end(struct tail *t);

static inline bool
tail_on(const struct tail *t)
{
	return t->writer != NULL;
}

/* Add the selected rows; a full block is sent to c. */
void tail_add(struct tail *t, const struct batch *batch, struct conn *c,
    int64_t now_ms);
/* Send a block that has waited long enough. */
void tail_tick(struct tail *t, struct conn *c, int64_t now_ms);
/* Milliseconds until tail_tick(), or -1. */
int tail_timeout(const struct tail *t, int64_t now_ms);

#endif
