/*
 * Notes: what a keeper must know of the mailboxes when it takes the place of
 * one that died, and nobody else may say. They are in a memory of their own,
 * which the parent holds and gives to keepers only: a mailbox can be written
 * to by its engine, and so by whoever has taken that over. A keeper cuts what
 * was begun at the end of a file: where that is, is of these.
 *
 * There is one note for each mailbox. Called by keeper.c and mailbox.c, and by
 * shmem.c, which makes the memory. Test: test/unit/flowd/test_note.c.
 */
#ifndef FLOWD_NOTE_H
#define FLOWD_NOTE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct note {
	_Atomic uint64_t serial; /* of the mailbox; 0: of none */
	_Atomic uint64_t taken; /* up to this position it is dealt with */
	/* What is about to be written: nothing if that is not at taken. */
	_Atomic uint64_t start;
	_Atomic uint64_t len; /* octets; 0: nothing */
	_Atomic uint64_t device, inode, size; /* of the file, before it */
};

/* Octets of the memory of so many. Zeroed they are of no mailbox. */
size_t note_size(size_t n);
/* All of them. NULL and errno. */
struct note *note_map(size_t n, int fd);
void note_unmap(struct note *notes, size_t n);

/* It is of this mailbox: of another one than before, it begins anew. */
void note_begin(struct note *note, uint32_t serial);
/* Octets from taken on are about to be written behind the end of a file. */
void note_intend(struct note *note, size_t len, const struct stat *file);
/* Nothing is. */
void note_forget(struct note *note);
/*
 * Of what was about to be written: octets that are at the end of this file. 0
 * when nothing is.
 */
size_t note_written(const struct note *note, const struct stat *file);

#endif
