/*
 * The mailbox: finished records or blocks on their way from an engine to the
 * keeper, in memory that both map and that outlives either of them. There is
 * one for each engine and log. It is the bounded queue of the daemon: while a
 * disk stands still it fills, and what does not fit is counted.
 *
 * One engine puts, one keeper takes; there are no locks. Positions count
 * octets since the mailbox was made and never wrap (2^64). What lies between
 * taken and put is whole units (unit.h). An engine that dies leaves behind up
 * to which datagram the flows are in here, so that the next one can tell how
 * many datagrams went with it. What a keeper leaves behind is in a note
 * (note.h), where no engine can change it.
 *
 * An engine that somebody has taken over may put anything here, at any time:
 * the keeper believes no position but its own, and no length that it has not
 * compared with what there is. What it does believe is how many flows are in
 * what such an engine has put, and what was counted of them: these numbers are
 * told, and nothing else depends on them.
 *
 * Called by worker.c (the engine's process), keeper.c and shmem.c.
 * Test: test/unit/flowd/test_mailbox.c.
 */
#ifndef FLOWD_MAILBOX_H
#define FLOWD_MAILBOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "note.h"
#include "unit.h"
#include "wire.h"

enum {
	MAILBOX_PIECE = 1024 * 1024, /* taken at once, but a unit at least */
	MAILBOX_KEPT = 8 * 1024 * 1024 /* octets of memory, once it is empty */
};

/* What the engine has put, or is about to: put says whether it has. */
struct mailbox_progress {
	_Atomic uint64_t put; /* octets */
	_Atomic uint64_t flows; /* in them */
	_Atomic uint64_t refused; /* flows: there was no room */
	_Atomic uint64_t through; /* datagrams whose flows are among these */
};

/* In the memory that is shared. A writer of each member is named. */
struct mailbox_shared {
	struct mailbox_progress done, next; /* engine */
	_Atomic uint32_t begun; /* engine: there was one */
	_Atomic uint64_t base; /* engine: position of the first octet */
	_Atomic uint64_t buried; /* engine: datagrams, see mailbox_bury() */
	_Atomic uint64_t taken; /* keeper: octets, as in its note */
	_Atomic uint64_t written; /* keeper: flows */
	_Atomic uint64_t lost; /* keeper: flows that cannot be written ever */
	_Atomic uint64_t sock_sent, sock_queued, sock_lost; /* keeper: what
			* became of those that were written to a logsock */
	_Atomic uint32_t asleep; /* keeper waits to be woken */
};

struct mailbox {
	struct mailbox_shared *shared;
	enum unit_kind kind;
	size_t octets; /* that may wait */
	uint8_t *ring; /* of so many, mapped twice, one behind the other */
	size_t touched; /* octets from its start that this engine put to */
	struct note *note; /* the keeper's; NULL: this is the engine's side */
	void *memory;
};

/* Octets of the memory of one in which so many, or a few more, may wait. */
size_t mailbox_size(size_t octets);
/* Map memory of mailbox_size(), whatever that was. False and errno. */
bool mailbox_map(struct mailbox *m, enum unit_kind kind, int fd);
void mailbox_unmap(struct mailbox *m);
/* This is the keeper's side, and this the note of the mailbox; borrowed. */
void mailbox_keep(struct mailbox *m, struct note *note);

/*
 * Put whole units with so many flows in them, as many as there is room for;
 * the flows of the others are counted. Afterwards the flows of all datagrams
 * up to the through-th are in here, or were not to be; units may be empty.
 * Returns true when the keeper is to be woken.
 */
bool mailbox_put(struct mailbox *m, struct bytes units, uint64_t flows,
    uint64_t through);

/*
 * Units that wait; they stay until taken. flows is set to how many are in
 * them, or to UNIT_UNKNOWN: to count them takes a look at each.
 */
struct bytes mailbox_peek(const struct mailbox *m, uint64_t *flows);
/* len octets from the front are dealt with: so many flows written. */
void mailbox_take(struct mailbox *m, size_t len, uint64_t flows);
/* All that waits will not be written. Returns its flows. */
uint64_t mailbox_lose(struct mailbox *m);
/* Say that the keeper sleeps; false when there is something to do. */
bool mailbox_sleep(struct mailbox *m);
void mailbox_awake(struct mailbox *m);

/*
 * An engine begins, behind so many datagrams. Those of them whose flows the
 * engine before it did not put are counted as buried; where there was none,
 * none are.
 */
void mailbox_bury(struct mailbox *m, uint64_t received);

/* Flows that wait to be written. */
uint64_t mailbox_waiting(const struct mailbox *m);

/* What became of the flows that were put into some mailboxes. */
struct mailbox_counts {
	uint64_t written, waiting, lost; /* flows */
	uint64_t buried; /* datagrams */
};

/* Add those of one. */
void mailbox_count(const struct mailbox *m, struct mailbox_counts *counts);

#endif
