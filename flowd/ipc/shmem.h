/*
 * The shared memory, pipes and sockets between the children. The parent creates
 * and keeps them, so that they outlive each child.
 *
 * Flows go from the engines to the writer in rings, one for each engine and
 * slot (slots.h).
 *
 * Called by parent.c, provision.c, logset_logdirs.c and shutdown.c.
 * Test: test/unit/flowd/ipc/test_shmem.c.
 */
#ifndef FLOWD_SHMEM_H
#define FLOWD_SHMEM_H

#include "ring.h"
#include "slots.h"
#include "snapshot.h"

/* The memory of one engine; descriptors, -1 when not open. */
struct shmem_engine {
	int counters; /* shared_counters.h */
	int snapshot_fd;
	struct snapshot snapshot;
	int rings[SLOTS]; /* -1: the slot is free */
};

struct shmem {
	unsigned nengines;
	size_t ring_octets; /* size of each ring */
	struct shmem_engine *engines;
	uint32_t serials[SLOTS]; /* of the rings of a slot */
	bool sent[SLOTS]; /* the writer has received them */
	int wake[2]; /* of the writer */
	int intents; /* write intents; only the writer gets this descriptor */
	/* forward_queue.h: [0] for the engines, [1] for the forwarder */
	int forward_queue[2];
};

/*
 * Create everything for so many engines. Returns false and errno on failure;
 * call shmem_fini() then, too.
 */
bool shmem_init(
    struct shmem *p, unsigned nengines, size_t ring_octets);
void shmem_fini(struct shmem *p);

/*
 * Create the rings of a slot. Returns false and errno on failure: then there
 * are none.
 */
bool shmem_open_slot(struct shmem *p, unsigned slot);
void shmem_close_slot(struct shmem *p, unsigned slot);
/* Add the counts of all rings of a slot. */
void shmem_count(
    const struct shmem *p, unsigned slot, struct ring_counts *counts);
bool shmem_has_slot(const struct shmem *p, unsigned slot);
/* The first free slot of a logdir, from this one on; or -1. */
int shmem_free_slot(const struct shmem *p, unsigned from);

#endif
