/*
 * Plumbing: the memory, pipes and sockets that connect the children, which the
 * parent makes and keeps, so that they outlive each of them.
 *
 * Flows go from engines to the writer by rings, one for each engine and
 * log. A log has a slot, which is its number for all of them; those of logdirs
 * are given out and come back when the configuration changes.
 *
 * Called by parent.c and provision.c; the slots are known to engine.c and
 * writer.c. Test: test/program/test_privsep.py.
 */
#ifndef FLOWD_SHMEM_H
#define FLOWD_SHMEM_H

#include "ring.h"
#include "slots.h"
#include "snapshot.h"

/* What connects one engine. */
struct shmem_engine {
	int shared;
	int state;
	struct snapshot snapshot;
	int rings[SLOTS]; /* -1: the slot is free */
};

struct shmem {
	unsigned nengines;
	size_t mailbox_octets; /* that may wait in each */
	struct shmem_engine *engines;
	uint32_t serials[SLOTS]; /* of the rings of a slot */
	bool sent[SLOTS]; /* the writer was given them */
	int wake[2]; /* of the writer */
	int intents; /* of the writer, and of nobody else: write_intent.h */
	int pair[2]; /* [0]: the engines', [1]: the forwarder's */
};

/*
 * For so many engines, with rings that hold so much. False and errno;
 * shmem_fini() is good then, too.
 */
bool shmem_init(
    struct shmem *p, unsigned nengines, size_t mailbox_octets);
void shmem_fini(struct shmem *p);

/* Mailboxes for a log. False and errno: then there are none. */
bool shmem_open_slot(struct shmem *p, unsigned slot);
void shmem_close_slot(struct shmem *p, unsigned slot);
/* Add what became of the flows of a slot, of all engines. */
void shmem_count(
    const struct shmem *p, unsigned slot, struct ring_counts *counts);
bool shmem_has_slot(const struct shmem *p, unsigned slot);
/* The first slot for a logdir, from this one on, that is free; or -1. */
int shmem_free_slot(const struct shmem *p, unsigned from);

#endif
