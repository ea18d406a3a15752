/*
 * The mailbox: finished records or blocks on their way from an engine to the
 * writer, in memory that both map and that outlives either of them. There is
 * one for each engine and log. It is the bounded queue of the daemon: while a
 * disk stands still it fills, and what does not fit is counted.
 *
 * One engine puts, one writer takes; there are no locks. Positions count
 * octets since the mailbox was made and never wrap (2^64). What lies between
 * taken and put is whole units (unit.h). An engine that dies leaves behind up
 * to which datagram the flows are in here, so that the next one can tell how
 * many datagrams went with it. What a writer leaves behind is in a note
 * (write_intent.h), where no engine can change it.
 *
 * An engine that somebody has taken over may put anything here, at any time:
 * the writer believes no position but its own, and no length that it has not
 * compared with what there is. What it does believe is how many flows are in
 * what such an engine has put, and what was counted of them: these numbers are
 * told, and nothing else depends on them.
 *
 * Called by engine.c (the engine's process), writer.c and shmem.c.
 * Test: test/unit/flowd/test_ring.c.
 */
#ifndef FLOWD_RING_H
#define FLOWD_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "unit.h"
#include "wire.h"
#include "write_intent.h"

enum {
	RING_PIECE = 1024 * 1024, /* taken at once, but a unit at least */
	RING_KEPT = 8 * 1024 * 1024 /* octets of memory, once it is empty */
};

/* What the engine has put, or is about to: put says whether it has. */
struct ring_progress {
	_Atomic uint64_t put; /* octets */
	_Atomic uint64_t flows; /* in them */
	_Atomic uint64_t refused; /* flows: there was no room */
	_Atomic uint64_t through; /* datagrams whose flows are among these */
};

/* In the memory that is shared. A writer of each member is named. */
struct ring_shared {
	struct ring_progress done, next; /* engine */
	_Atomic uint32_t begun; /* engine: there was one */
	_Atomic uint64_t base; /* engine: position of the first octet */
	_Atomic uint64_t buried; /* engine: datagrams, see ring_begin_engine() */
	_Atomic uint64_t taken; /* writer: octets, as in its note */
	_Atomic uint64_t written; /* writer: flows */
	_Atomic uint64_t lost; /* writer: flows that cannot be written ever */
	_Atomic uint64_t sock_sent, sock_queued, sock_lost; /* writer: what
			* became of those that were written to a logsock */
	_Atomic uint32_t asleep; /* writer waits to be woken */
};

struct ring {
	struct ring_shared *shared;
	enum unit_kind kind;
	size_t octets; /* that may wait */
	uint8_t *ring; /* of so many, mapped twice, one behind the other */
	size_t touched; /* octets from its start that this engine put to */
	struct write_intent *intent; /* the writer's; NULL: this is the engine's side */
	void *memory;
};

/* Octets of the memory of one in which so many, or a few more, may wait. */
size_t ring_size(size_t octets);
/* Map memory of ring_size(), whatever that was. False and errno. */
bool ring_map(struct ring *m, enum unit_kind kind, int fd);
void ring_unmap(struct ring *m);
/* This is the writer's side, and this the note of the mailbox; borrowed. */
void ring_begin_writer(struct ring *m, struct write_intent *intent);

/*
 * Put whole units with so many flows in them, as many as there is room for;
 * the flows of the others are counted. Afterwards the flows of all datagrams
 * up to the through-th are in here, or were not to be; units may be empty.
 * Returns true when the writer is to be woken.
 */
bool ring_put(struct ring *m, struct bytes units, uint64_t flows,
    uint64_t through);

/*
 * Units that wait; they stay until taken. flows is set to how many are in
 * them, or to UNIT_UNKNOWN: to count them takes a look at each.
 */
struct bytes ring_peek(const struct ring *m, uint64_t *flows);
/* len octets from the front are dealt with: so many flows written. */
void ring_take(struct ring *m, size_t len, uint64_t flows);
/* All that waits will not be written. Returns its flows. */
uint64_t ring_lose(struct ring *m);
/* Say that the writer sleeps; false when there is something to do. */
bool ring_sleep(struct ring *m);
void ring_awake(struct ring *m);

/*
 * An engine begins, behind so many datagrams. Those of them whose flows the
 * engine before it did not put are counted as buried; where there was none,
 * none are.
 */
void ring_begin_engine(struct ring *m, uint64_t received);

/* Flows that wait to be written. */
uint64_t ring_waiting(const struct ring *m);

/* What became of the flows that were put into some rings. */
struct ring_counts {
	uint64_t written, waiting, lost; /* flows */
	uint64_t buried; /* datagrams */
};

/* Add those of one. */
void ring_count(const struct ring *m, struct ring_counts *counts);

#endif
