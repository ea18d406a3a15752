/*
 * Memory that processes share, as a descriptor: it lives as long as one of
 * them holds it, and has no name in the file system.
 *
 * memory_linux.c uses memfd_create(2), memory_posix.c shm_open(3).
 * Called by shmem.c, loader.c and sealer.c; mapped by those who share it.
 * Tests: test/unit/flowd/test_memory.c, test/program/test_privsep.py.
 */
#ifndef FLOWD_MEMORY_H
#define FLOWD_MEMORY_H

#include <stddef.h>

/*
 * Zeroed memory; a page costs nothing until it is used. Where the system can
 * see to it, it stays of this size; of size 0 it may become larger. -1 and
 * errno.
 */
int memory_create(const char *name, size_t size);

/*
 * Of memory that was made of size 0 and that nobody has mapped for writing:
 * nobody can write to it any more, by any descriptor, or make it of another
 * size. Where the system has no seals, fd becomes one of a copy that is for
 * reading only; others keep what they had. Returns 0, or -1 and errno.
 */
int memory_seal(int fd);

/*
 * What is in these pages of such memory, as mapped here, is not needed: the
 * system may have it back.
 */
void memory_give_back(void *pages, size_t size);

#endif
