/* Shared memory by memfd_create(2) and madvise(2); see memory.h. */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include "memory.h"

int
memory_create(const char *name, size_t size)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	if (fd != -1 && ftruncate(fd, (off_t)size) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

void
memory_give_back(void *pages, size_t size)
{
	(void)madvise(pages, size, MADV_REMOVE);
}
