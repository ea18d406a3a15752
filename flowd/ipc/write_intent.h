/*
 * Notes: what a writer must know of the rings when it takes the place of
 * one that died, and nobody else may say. They are in a memory of their own,
 * which the parent holds and gives to writers only: a mailbox can be written
 * to by its engine, and so by whoever has taken that over. A writer cuts what
 * was begun at the end of a file: where that is, is of these.
 *
 * There is one note for each mailbox. Called by writer.c and ring.c, and by
 * shmem.c, which makes the memory. Test: test/unit/flowd/test_write_intent.c.
 */
#ifndef FLOWD_WRITE_INTENT_H
#define FLOWD_WRITE_INTENT_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct write_intent {
	_Atomic uint64_t serial; /* of the mailbox; 0: of none */
	_Atomic uint64_t taken; /* up to this position it is dealt with */
	/* What is about to be written: nothing if that is not at taken. */
	_Atomic uint64_t start;
	_Atomic uint64_t len; /* octets; 0: nothing */
	_Atomic uint64_t device, inode, size; /* of the file, before it */
};

/* Octets of the memory of so many. Zeroed they are of no mailbox. */
size_t write_intent_size(size_t n);
/* All of them. NULL and errno. */
struct write_intent *write_intent_map(size_t n, int fd);
void write_intent_unmap(struct write_intent *intents, size_t n);

/* It is of this mailbox: of another one than before, it begins anew. */
void write_intent_begin(struct write_intent *intent, uint32_t serial);
/* Octets from taken on are about to be written behind the end of a file. */
void write_intent_set(struct write_intent *intent, size_t len, const struct stat *file);
/* Nothing is. */
void write_intent_clear(struct write_intent *intent);
/*
 * Of what was about to be written: octets that are at the end of this file. 0
 * when nothing is.
 */
size_t write_intent_written(const struct write_intent *intent, const struct stat *file);

#endif
