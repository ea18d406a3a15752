/*
 * The state box: what an engine knows of exporters (flowd-state(5)), in memory
 * that the parent keeps for the next engine, and for the state file. The
 * engine writes into the half that is not the latest, so that one is whole
 * whenever it may die.
 *
 * Called by engine.c (writes, reads) and parent.c (reads).
 * Test: test/unit/flowd/test_ring.c.
 */
#ifndef FLOWD_SNAPSHOT_H
#define FLOWD_SNAPSHOT_H

#include <stdatomic.h>
#include <stdbool.h>

#include "wire.h"

enum {
	SNAPSHOT_OCTETS = 32 * 1024 * 1024 /* of one state */
};

struct snapshot_shared {
	_Atomic uint64_t latest; /* half + 1; 0: nothing yet */
	_Atomic uint64_t len[2];
};

struct snapshot {
	struct snapshot_shared *shared;
	uint8_t *half[2];
};

size_t snapshot_size(void);
/* False and errno. */
bool snapshot_map(struct snapshot *box, int fd);
void snapshot_unmap(struct snapshot *box);

/* Keep a state. False when it is too large: the old one stays. */
bool snapshot_put(struct snapshot *box, struct bytes state);
/* The latest; empty when there is none. */
struct bytes snapshot_get(const struct snapshot *box);

#endif
