/*
 * The live tail: the flows that rules accepted, as blocks of a columnar log
 * (block.h) that go to whoever watches. What does not fit is counted and left
 * out: nobody who watches slows an engine.
 *
 * Called by responder.c. Test: test/unit/flowd/test_responder.c.
 */
#ifndef FLOWD_TAIL_H
#define FLOWD_TAIL_H

#include "block_writer.h"
#include "conn.h"

struct tail {
	struct block_writer *writer; /* NULL: nobody watches */
	struct buf block;
	uint64_t dropped; /* flows, since the last frame */
	int64_t due_ms; /* when the block is sent; 0: it is empty */
};

/* Nothing changes when it is on already, or when out of memory. */
void tail_begin(struct tail *t, uint64_t seed);
void tail_end(struct tail *t);

static inline bool
tail_on(const struct tail *t)
{
	return t->writer != NULL;
}

/* The selected rows; a block that is full goes to c. */
void tail_take(struct tail *t, const struct batch *batch, struct conn *c,
    int64_t now_ms);
/* Send what is due. */
void tail_tick(struct tail *t, struct conn *c, int64_t now_ms);
/* Milliseconds until tail_tick(), or -1. */
int tail_timeout(const struct tail *t, int64_t now_ms);

#endif
