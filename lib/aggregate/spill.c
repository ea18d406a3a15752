/* Temporary files; see spill.h. */
/* O_TMPFILE is not in POSIX of 2008. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "spill.h"

/* A file that has a name for a moment. */
static int
spill_open_named(const char *folder)
{
	char path[4096];
	int fd, len;

	len = snprintf(path, sizeof(path), "%s/flowd-XXXXXX", folder);
	if (len < 0 || (size_t)len >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = mkstemp(path);
	if (fd == -1)
		return -1;
	(void)unlink(path);
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

int
spill_open(const char *folder, struct flowd_error *err)
{
	int fd = -1;

#ifdef O_TMPFILE
	/* Not all file systems can; there is nothing that a kill leaves. */
	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
#endif
	if (fd == -1)
		fd = spill_open_named(folder);
	if (fd == -1)
		(void)flowd_fail_errno(
		    err, "there is no temporary file in %s", folder);
	return fd;
}
