/*
 * The mailbox: finished log records on their way from an engine to the keeper,
 * in memory that both map and that outlives either of them. It is the bounded
 * queue of the daemon: while a disk stands still it fills, and what does not
 * fit is counted.
 *
 * One engine puts, one keeper takes; there are no locks. Positions count
 * octets since the mailbox was made and never wrap (2^64). What lies between
 * taken and put is whole records. A keeper that dies leaves behind what it
 * was about to write, so that the next one can tell what of it is in the file.
 *
 * Called by worker.c (the engine's process), keeper.c and parent.c.
 * Test: test/unit/flowd/test_mailbox.c.
 */
#ifndef FLOWD_MAILBOX_H
#define FLOWD_MAILBOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recv.h"
#include "wire.h"

enum {
	MAILBOX_OCTETS = 64 * 1024 * 1024, /* that may wait */
	MAILBOX_PIECE = 1024 * 1024 /* taken at once */
};

/* What the keeper was about to write. */
struct mailbox_intent {
	_Atomic uint64_t start; /* position; counts when it is taken's */
	_Atomic uint64_t len;
	_Atomic uint64_t device, inode, size; /* of the file, before it */
};

/* In the memory that is shared. A writer of each member is named. */
struct mailbox_shared {
	_Atomic uint64_t put; /* engine: octets */
	_Atomic uint64_t base; /* engine: position of the first octet */
	_Atomic uint64_t put_records; /* engine */
	_Atomic uint64_t refused_records; /* engine: there was no room */
	_Atomic uint64_t taken; /* keeper: octets */
	_Atomic uint64_t written_records; /* keeper */
	_Atomic uint64_t lost_records; /* keeper: cannot be written ever */
	_Atomic uint64_t sock_sent, sock_queued, sock_lost; /* keeper */
	_Atomic uint32_t asleep; /* keeper waits to be woken */
	struct mailbox_intent intent; /* keeper */
	_Atomic uint64_t engine[16]; /* engine: struct engine_counters */
	/* Datagrams: how many an engine that dies had received and not done. */
	_Atomic uint64_t received; /* engine: before what it receives now */
	struct recv_counters live; /* engine: counts while it receives */
	struct recv_call call; /* engine: what it receives with */
	_Atomic uint64_t live_from; /* engine: live.datagrams at the begin */
	_Atomic uint64_t finished; /* engine: their flows are put */
};

struct mailbox {
	struct mailbox_shared *shared;
	uint8_t *ring; /* mapped twice, one behind the other */
	void *memory;
};

/* Octets of the memory of one. */
size_t mailbox_size(void);
/* Map memory of mailbox_size(). False and errno. */
bool mailbox_map(struct mailbox *m, int fd);
void mailbox_unmap(struct mailbox *m);

/*
 * Put whole records, as many as there is room for; the others are counted.
 * Returns true when the keeper is to be woken.
 */
bool mailbox_put(struct mailbox *m, struct bytes records);

/* Records that wait, MAILBOX_PIECE at most; they stay until taken. */
struct bytes mailbox_peek(const struct mailbox *m);
/* Remember what is about to be written, and where. */
void mailbox_intend(struct mailbox *m, size_t len, uint64_t device,
    uint64_t inode, uint64_t size);
/* len octets from the front are dealt with: so many records written. */
void mailbox_take(struct mailbox *m, size_t len, uint64_t nrecords);
/*
 * Of what a keeper that died was about to write: octets that are in the file
 * of this kind and size, from the front. 0 when nothing is.
 */
size_t mailbox_recover(const struct mailbox *m, uint64_t device,
    uint64_t inode, uint64_t size);
/* Say that the keeper sleeps; false when there is something to do. */
bool mailbox_sleep(struct mailbox *m);
void mailbox_awake(struct mailbox *m);

/* Datagrams that an engine which is gone took with it; then they are done. */
uint64_t mailbox_bury(struct mailbox *m);

/* Records that wait to be written. */
uint64_t mailbox_waiting(const struct mailbox *m);

/* Octets of the records at the front of b that are whole; n is raised. */
size_t mailbox_whole(struct bytes b, uint64_t *n);

#endif
