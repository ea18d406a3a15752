/*
 * Orders that opened the logs anew and wait until the keeper has gone over to
 * the new files: then nothing is written to the old ones any more. A keeper
 * that stands still does not; the order fails when its time is up.
 *
 * Called by reload.c and parent.c. Test: test/unit/flowd/test_handover.c.
 */
#ifndef FLOWD_HANDOVER_H
#define FLOWD_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HANDOVER_ORDERS = 64, /* that may wait */
	HANDOVER_MS = 5000 /* for so long */
};

struct handover_order {
	uint32_t serial;
	uint64_t slots; /* bits: logs that the keeper is not done with */
	int64_t end_ms;
};

struct handover {
	struct handover_order list[HANDOVER_ORDERS]; /* in their order */
	size_t n;
};

/* An order waits for the logs of these slots. False: too many do. */
bool handover_add(struct handover *h, uint32_t serial, uint64_t slots,
    int64_t now_ms);
/*
 * Of all logs, those with old files that the keeper is not done with: to be
 * told whenever there are fewer, before there may be others.
 */
void handover_settle(struct handover *h, uint64_t pending);
/*
 * Take an order that waits no more: it is done when none of its slots is left,
 * and has failed else. False when there is none.
 */
bool handover_next(
    struct handover *h, int64_t now_ms, struct handover_order *order);
/* Who gave them is gone: none waits. */
void handover_forget(struct handover *h);
/* When handover_next() has something without being told; 0: never. */
int64_t handover_end_ms(const struct handover *h);

#endif
