/* Shared memory by shm_open(3), without its name; see memory.h. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memory.h"
#include "process.h"

int
memory_create(const char *name, size_t size)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/%.20s-%llx", name,
	    (unsigned long long)process_seed());
	fd = shm_open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd == -1)
		return -1;
	(void)shm_unlink(path);
	if (ftruncate(fd, (off_t)size) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* Nobody takes it. */
void
memory_give_back(void *pages, size_t size)
{
	(void)pages;
	(void)size;
}
