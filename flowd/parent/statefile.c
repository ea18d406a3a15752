/* The state file; see statefile.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "statefile.h"

static struct log_limit limit;

void
statefile_load(const char *path, struct snapshot *snapshot)
{
	int fd = file_open_read(AT_FDCWD, path);
	struct stat st;
	uint8_t *octets = NULL;

	if (fd == -1) {
		if (errno != ENOENT)
			log_warn("cannot read %s: %s", path, strerror(errno));
		return;
	}
	if (fstat(fd, &st) == 0 && st.st_size > 0 &&
	    st.st_size <= SNAPSHOT_OCTETS &&
	    (octets = malloc((size_t)st.st_size)) != NULL &&
	    read(fd, octets, (size_t)st.st_size) == st.st_size)
		(void)snapshot_put(snapshot,
		    (struct bytes){ octets, (size_t)st.st_size });
	else
		log_warn("ignoring %s: it is not a complete state file", path);
	free(octets);
	(void)close(fd);
}

static size_t
sum_of(const struct bytes *states, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += states[i].len;
	return sum;
}

/* Write the states, unless they are too large to be loaded again. */
static bool
write_all(int fd, const struct bytes *states, size_t n)
{
	if (sum_of(states, n) > SNAPSHOT_OCTETS) {
		errno = EFBIG;
		return false;
	}
	for (size_t i = 0; i < n; i++)
		if (!file_write(fd, states[i].ptr, states[i].len))
			return false;
	return true;
}

void
statefile_save(const char *path, const struct bytes *states, size_t n)
{
	char beside[PATH_MAX];
	bool good = false;
	int fd;

	if (sum_of(states, n) == 0 ||
	    snprintf(beside, sizeof(beside), "%s.new", path) >=
		(int)sizeof(beside))
		return;
	(void)unlink(beside);
	fd = file_create(
	    AT_FDCWD, beside, O_WRONLY, &(struct file_access){ .mode = 0 });
	if (fd != -1) {
		good = write_all(fd, states, n) && fsync(fd) == 0;
		good = close(fd) == 0 && good;
	}
	if (good && rename(beside, path) == 0)
		return;
	if (log_due(&limit))
		log_warn("cannot write %s: %s", path, strerror(errno));
	(void)unlink(beside);
}
