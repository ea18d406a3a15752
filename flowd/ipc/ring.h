/*
 * A single-producer, single-consumer ring buffer in shared memory: finished
 * records or blocks on their way from an engine to the writer. There is one for
 * each engine and log, and it outlives both processes. It is the bounded queue
 * of the daemon: it fills while a disk is slow, and flows that do not fit are
 * counted.
 *
 * The engine appends, the writer removes; there are no locks. Positions count
 * octets since the ring was created and never wrap (2^64). Between taken and
 * put there are whole units (unit.h). The engine also stores up to which
 * datagram all flows are in the ring, so that after a crash its successor can
 * count the datagrams that were lost. The writer keeps its crash recovery state
 * in a write intent (write_intent.h), which engines cannot write to.
 *
 * A compromised engine may put anything here at any time. The writer trusts
 * only its own position, and checks every length. It does trust the numbers of
 * flows that an engine has put: they are reported, and nothing else depends on
 * them.
 *
 * Called by the engine, the writer and shmem.c. Test:
 * test/unit/flowd/ipc/test_ring.c.
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
	/* the most that ring_peek() returns, but at least a unit */
	RING_PIECE = 1024 * 1024,
	/* memory that stays allocated when it is empty */
	RING_KEPT = 8 * 1024 * 1024
};

/* The producer side: committed (done), or about to be (next). */
struct ring_progress {
	_Atomic uint64_t put; /* octets */
	_Atomic uint64_t flows; /* in them */
	_Atomic uint64_t refused; /* flows: there was no room */
	_Atomic uint64_t through; /* datagrams whose flows are among these */
};

/* In the shared memory. The process that writes each member is named. */
struct ring_shared {
	struct ring_progress done, next; /* engine */
	_Atomic uint32_t begun; /* engine: an engine has used this ring */
	_Atomic uint64_t base; /* engine: position of the first octet */
	/* engine: lost datagrams, see ring_begin_engine() */
	_Atomic uint64_t buried;
	_Atomic uint64_t taken; /* writer: octets, a copy of its write intent */
	_Atomic uint64_t written; /* writer: flows */
	_Atomic uint64_t lost; /* writer: flows that can never be written */
	/* writer: flows of the log socket, in these states */
	_Atomic uint64_t sock_sent, sock_queued, sock_lost;
	_Atomic uint32_t asleep; /* the writer sleeps and must be woken */
};

struct ring {
	struct ring_shared *shared;
	enum unit_kind kind;
	size_t octets; /* that may wait */
	/*
	 * of that size, mapped twice in a row so that reads and writes are
	 * contiguous
	 */
	uint8_t *ring;
	size_t touched; /* octets at its start that this engine has used */
	/* write intent; NULL on the engine's side */
	struct write_intent *intent;
	void *memory;
};

/* Size of the shared memory for a ring that holds at least so many octets. */
size_t ring_size(size_t octets);
/* Map memory of ring_size() octets. Returns false and errno on failure. */
bool ring_map(struct ring *m, enum unit_kind kind, int fd);
void ring_unmap(struct ring *m);
/* Make this the writer's side, with the write intent of this ring; borrowed. */
void ring_begin_writer(struct ring *m, struct write_intent *intent);

/*
 * Append whole units that hold so many flows, as many as fit; the flows of the
 * others are counted as refused. Afterwards the flows of all datagrams up to
 * number through are in the ring or are not stored at all; units may be empty.
 * Returns true when the writer must be woken.
 */
bool ring_put(struct ring *m, struct bytes units, uint64_t flows,
    uint64_t through);

/*
 * The units at the front; they stay until ring_take(). Sets flows to how many
 * they hold, or to UNIT_UNKNOWN when that takes a scan.
 */
struct bytes ring_peek(const struct ring *m, uint64_t *flows);
/* Remove len octets from the front, with so many flows that were written. */
void ring_take(struct ring *m, size_t len, uint64_t flows);
/* Remove everything as lost. Returns how many flows. */
uint64_t ring_discard(struct ring *m);
/*
 * Before the writer sleeps: ask to be woken. Returns false when the ring is not
 * empty.
 */
bool ring_sleep(struct ring *m);
void ring_awake(struct ring *m);

/*
 * An engine starts after so many datagrams. Those whose flows its predecessor
 * did not put are counted as buried; none when there was no predecessor.
 * Returns true when the writer must be woken: the predecessor may have died
 * between ring_put() and the wakeup.
 */
bool ring_begin_engine(struct ring *m, uint64_t received);

/* Flows in the ring. */
uint64_t ring_waiting(const struct ring *m);

/* The counts of one or more rings. */
struct ring_counts {
	uint64_t written, waiting, lost; /* flows */
	uint64_t buried; /* datagrams */
};

/* Add the counts of one ring. */
void ring_count(const struct ring *m, struct ring_counts *counts);

#endif
