/*
 * Orders to rotate that wait until the writer uses the new files: from then on
 * nothing is written to the old ones. If the writer is blocked, the order fails
 * after a timeout.
 *
 * Called by reload.c, parent_loop.c and provision.c. Test:
 * test/unit/flowd/parent/test_rotate_queue.c.
 */
#ifndef FLOWD_ROTATE_QUEUE_H
#define FLOWD_ROTATE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ROTATE_QUEUE_MAX = 64, /* of the queue */
	ROTATE_WAIT_MS = 5000 /* timeout of an order */
};

struct rotate_request {
	uint32_t serial;
	uint64_t slots; /* a bit for each log whose old file is still in use */
	int64_t end_ms;
};

struct rotate_queue {
	/* in the order of arrival */
	struct rotate_request list[ROTATE_QUEUE_MAX];
	size_t n;
};

/*
 * Add an order that waits for the logs of these slots. Returns false when there
 * are too many.
 */
bool rotate_queue_add(struct rotate_queue *h, uint32_t serial, uint64_t slots,
    int64_t now_ms);
/*
 * Update: of these logs the old files are still in use. Call it whenever one is
 * closed, before another rotation.
 */
void rotate_queue_settle(struct rotate_queue *h, uint64_t pending);
/*
 * Remove an order that is finished: it succeeded when no slot is left, and has
 * timed out otherwise. Returns false when there is none.
 */
bool rotate_queue_next(
    struct rotate_queue *h, int64_t now_ms, struct rotate_request *order);
/* The control process is gone: forget all orders. */
void rotate_queue_forget(struct rotate_queue *h);
/* When the next timeout is due; 0: none. */
int64_t rotate_queue_end_ms(const struct rotate_queue *h);

#endif
