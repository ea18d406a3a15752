/*
 * Orders to read the configuration that wait for their outcome: of the
 * reading that is under way, and of the one after it.
 *
 * Called by the parent. Test: test/unit/flowd/test_reload_queue.c.
 */
#ifndef FLOWD_RELOAD_QUEUE_H
#define FLOWD_RELOAD_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RELOAD_QUEUE_MAX = 64, RELOAD_TEXT_MAX = 64 * 1024 };

struct reload_queue {
	uint32_t serials[RELOAD_QUEUE_MAX];
	size_t now; /* of them, for the reading that is under way */
	size_t n;
};

/* One more; it is too late for the reading under way. False: too many. */
bool reload_queue_add(struct reload_queue *o, uint32_t serial);
/* A reading begins: it is for all that wait. */
void reload_queue_begin(struct reload_queue *o);
/* It has ended: take those that it was for. Returns how many they are. */
size_t reload_queue_end(struct reload_queue *o, uint32_t serials[RELOAD_QUEUE_MAX]);
/* Who gave them is gone: nobody waits, not for the reading under way either. */
void reload_queue_forget(struct reload_queue *o);

#endif
