/*
 * Pending orders to reload: those of the current reload, and those of the next
 * one.
 *
 * Called by reload.c and provision.c. Test:
 * test/unit/flowd/parent/test_reload_queue.c.
 */
#ifndef FLOWD_RELOAD_QUEUE_H
#define FLOWD_RELOAD_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RELOAD_QUEUE_MAX = 64, RELOAD_TEXT_MAX = 64 * 1024 };

struct reload_queue {
	uint32_t serials[RELOAD_QUEUE_MAX];
	size_t now; /* how many of them are for the current reload */
	size_t n;
};

/* Add an order for the next reload. Returns false when there are too many. */
bool reload_queue_add(struct reload_queue *o, uint32_t serial);
/* A reload starts: it is for all orders so far. */
void reload_queue_begin(struct reload_queue *o);
/* The reload is done: remove its orders. Returns how many. */
size_t reload_queue_end(struct reload_queue *o,
    uint32_t serials[RELOAD_QUEUE_MAX]);
/* The control process is gone: forget all orders. */
void reload_queue_forget(struct reload_queue *o);

#endif
