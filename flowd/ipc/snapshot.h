/*
 * A snapshot of the exporter state of an engine (flowd-state(5)), in shared
 * memory: for the next engine after a crash, and for the state file. There are
 * two buffers; the engine writes to the older one, so a complete snapshot
 * exists whenever it dies.
 *
 * Called by the engine, shmem.c, parent_loop.c and statefile.c.
 * Test: test/unit/flowd/ipc/test_ring.c.
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
	/* index of the newer buffer + 1; 0: none yet */
	_Atomic uint64_t latest;
	_Atomic uint64_t len[2];
};

struct snapshot {
	struct snapshot_shared *shared;
	uint8_t *half[2];
};

size_t snapshot_size(void);
/* Returns false and errno on failure. */
bool snapshot_map(struct snapshot *s, int fd);
void snapshot_unmap(struct snapshot *s);

/* Store a snapshot. Returns false when it is too large: the old one stays. */
bool snapshot_put(struct snapshot *s, struct bytes state);
/* The newest snapshot; empty when there is none. */
struct bytes snapshot_get(const struct snapshot *s);

#endif
