/*
 * Write intents: what a writer needs for crash recovery when it replaces one
 * that died. Each ring has one. Before an append the writer stores which file,
 * its size and how much it is about to write; its successor compares that with
 * the file, and cuts an incomplete unit.
 *
 * They are in memory of their own that only the parent and writers have: an
 * engine, which may be compromised, can write to its rings but not here.
 *
 * Called by the writer, ring.c and shmem.c. Test:
 * test/unit/flowd/ipc/test_write_intent.c.
 */
#ifndef FLOWD_WRITE_INTENT_H
#define FLOWD_WRITE_INTENT_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct write_intent {
	_Atomic uint64_t serial; /* of the ring; 0: unused */
	/* position up to which the ring has been consumed */
	_Atomic uint64_t taken;
	/* The append in progress; valid only while start equals taken. */
	_Atomic uint64_t start;
	_Atomic uint64_t len; /* octets; 0: nothing */
	/* of the file, before the append */
	_Atomic uint64_t device, inode, size;
};

/* Size of the shared memory for n intents. Zeroed memory is unused intents. */
size_t write_intent_size(size_t n);
/* Map all of them. NULL and errno on failure. */
struct write_intent *write_intent_map(size_t n, int fd);
void write_intent_unmap(struct write_intent *intents, size_t n);

/* Use it for this ring; when it was of another one, it is reset. */
void write_intent_begin(struct write_intent *intent, uint32_t serial);
/* Announce an append of len octets, from taken on, to this file. */
void write_intent_set(struct write_intent *intent, size_t len,
    const struct stat *file);
/* Clear it: no append is in progress. */
void write_intent_clear(struct write_intent *intent);
/*
 * The octets of the announced append that are at the end of this file; 0 when
 * there is none.
 */
size_t write_intent_written(const struct write_intent *intent,
    const struct stat *file);

#endif
