/*
 * The state box: what an engine knows of exporters (flowd-state(5)), in memory
 * that the parent keeps for the next engine, and for the state file. The
 * engine writes into the half that is not the latest, so that one is whole
 * whenever it may die.
 *
 * Called by worker.c (writes, reads) and parent.c (reads).
 * Test: test/unit/flowd/test_mailbox.c.
 */
#ifndef FLOWD_STATEBOX_H
#define FLOWD_STATEBOX_H

#include <stdatomic.h>
#include <stdbool.h>

#include "wire.h"

enum {
	STATEBOX_OCTETS = 32 * 1024 * 1024 /* of one state */
};

struct statebox_shared {
	_Atomic uint64_t latest; /* half + 1; 0: nothing yet */
	_Atomic uint64_t len[2];
};

struct statebox {
	struct statebox_shared *shared;
	uint8_t *half[2];
};

size_t statebox_size(void);
/* False and errno. */
bool statebox_map(struct statebox *box, int fd);
void statebox_unmap(struct statebox *box);

/* Keep a state. False when it is too large: the old one stays. */
bool statebox_put(struct statebox *box, struct bytes state);
/* The latest; empty when there is none. */
struct bytes statebox_get(const struct statebox *box);

#endif
