/*
 * Orders that opened the logs anew and wait until the writer has gone over to
 * the new files: then nothing is written to the old ones any more. A writer
 * that stands still does not; the order fails when its time is up.
 *
 * Called by reload.c and parent.c. Test: test/unit/flowd/test_rotate_queue.c.
 */
#ifndef FLOWD_ROTATE_QUEUE_H
#define FLOWD_ROTATE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ROTATE_QUEUE_MAX = 64, /* that may wait */
	ROTATE_WAIT_MS = 5000 /* for so long */
};

struct rotate_request {
	uint32_t serial;
	uint64_t slots; /* bits: logs that the writer is not done with */
	int64_t end_ms;
};

struct rotate_queue {
	struct rotate_request list[ROTATE_QUEUE_MAX]; /* in their order */
	size_t n;
};

/* An order waits for the logs of these slots. False: too many do. */
bool rotate_queue_add(struct rotate_queue *h, uint32_t serial, uint64_t slots,
    int64_t now_ms);
/*
 * Of all logs, those with old files that the writer is not done with: to be
 * told whenever there are fewer, before there may be others.
 */
void rotate_queue_settle(struct rotate_queue *h, uint64_t pending);
/*
 * Take an order that waits no more: it is done when none of its slots is left,
 * and has failed else. False when there is none.
 */
bool rotate_queue_next(
    struct rotate_queue *h, int64_t now_ms, struct rotate_request *order);
/* Who gave them is gone: none waits. */
void rotate_queue_forget(struct rotate_queue *h);
/* When rotate_queue_next() has something without being told; 0: never. */
int64_t rotate_queue_end_ms(const struct rotate_queue *h);

#endif
