/*
 * Shared memory as a descriptor: it exists while a process has it open, and has
 * no name in the file system.
 *
 * memory_linux.c uses memfd_create(2), memory_posix.c shm_open(3). Called by
 * shmem.c, ring.c, loader.c and sealer.c. Tests:
 * test/unit/flowd/os/test_memory.c, test/program/flowd/test_privsep.py.
 */
#ifndef FLOWD_MEMORY_H
#define FLOWD_MEMORY_H

#include <stddef.h>

/*
 * Create zeroed memory; pages are allocated on first use. Its size is fixed
 * where the system supports that; with size 0 it may grow. Returns -1 and errno
 * on failure.
 */
int memory_create(const char *name, size_t size);

/*
 * Seal memory that was created with size 0 and is not mapped for writing:
 * nobody can write to it or resize it any more. Without seals in the system, fd
 * becomes a read-only copy; others keep theirs. Returns 0, or -1 and errno.
 */
int memory_seal(int fd);

/* Free these mapped pages; their contents are lost. */
void memory_release(void *pages, size_t size);

#endif
