/* Shared memory by memfd_create(2) and madvise(2); see memory.h. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include "memory.h"

/*
 * Seal the size: a process that truncates it would kill the others with SIGBUS.
 */
static bool
fix_size(int fd, size_t size)
{
	return ftruncate(fd, (off_t)size) == 0 &&
	    fcntl(fd, F_ADD_SEALS,
		F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0;
}

int
memory_create(const char *name, size_t size)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd != -1 && size > 0 && !fix_size(fd, size)) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

int
memory_seal(int fd)
{
	return fcntl(fd, F_ADD_SEALS,
	    F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
}

void
memory_release(void *pages, size_t size)
{
	(void)madvise(pages, size, MADV_REMOVE);
}
