/* Shared memory by shm_open(3), without its name; see memory.h. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"
#include "seed.h"

/* Open memory; reader, if not NULL, gets a second, read-only descriptor. */
static int
memory_open(const char *name, int *reader)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/%.20s-%llx", name,
	    (unsigned long long)seed_draw());
	fd = shm_open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd == -1)
		return -1;
	if (reader != NULL)
		*reader = shm_open(path, O_RDONLY, 0);
	(void)shm_unlink(path);
	return fd;
}

int
memory_create(const char *name, size_t size)
{
	int fd = memory_open(name, NULL);

	if (fd != -1 && ftruncate(fd, (off_t)size) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

/*
 * Copy through mappings: not every system supports read(2) and write(2) on
 * shared memory.
 */
static int
memory_copy(int to, int from, size_t size)
{
	void *in, *out;

	if (size == 0)
		return 0;
	in = mmap(NULL, size, PROT_READ, MAP_SHARED, from, 0);
	out = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, to, 0);
	if (in != MAP_FAILED && out != MAP_FAILED)
		memcpy(out, in, size);
	if (in != MAP_FAILED)
		(void)munmap(in, size);
	if (out != MAP_FAILED)
		(void)munmap(out, size);
	return in != MAP_FAILED && out != MAP_FAILED ? 0 : -1;
}

int
memory_seal(int fd)
{
	struct stat st;
	int reader = -1, copy, bad = -1;

	if (fstat(fd, &st) != 0)
		return -1;
	copy = memory_open("flowd-sealed", &reader);
	if (copy != -1 && reader != -1 && ftruncate(copy, st.st_size) == 0 &&
	    memory_copy(copy, fd, (size_t)st.st_size) == 0 &&
	    dup2(reader, fd) != -1)
		bad = fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (copy != -1)
		(void)close(copy);
	if (reader != -1)
		(void)close(reader);
	return bad;
}

/* Not supported. */
void
memory_release(void *pages, size_t size)
{
	(void)pages;
	(void)size;
}
