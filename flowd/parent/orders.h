/*
 * Orders to read the configuration that wait for their outcome: of the
 * reading that is under way, and of the one after it.
 *
 * Called by the parent. Test: test/unit/flowd/test_orders.c.
 */
#ifndef FLOWD_ORDERS_H
#define FLOWD_ORDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ORDERS = 64, ORDERS_TEXT = 64 * 1024 };

struct orders {
	uint32_t serials[ORDERS];
	size_t now; /* of them, for the reading that is under way */
	size_t n;
};

/* One more; it is too late for the reading under way. False: too many. */
bool orders_add(struct orders *o, uint32_t serial);
/* A reading begins: it is for all that wait. */
void orders_begin(struct orders *o);
/* It has ended: take those that it was for. Returns how many they are. */
size_t orders_end(struct orders *o, uint32_t serials[ORDERS]);
/* Who gave them is gone: nobody waits, not for the reading under way either. */
void orders_forget(struct orders *o);

#endif
