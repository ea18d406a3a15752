/* Temporary files; see spill.h. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "spill.h"

int
spill_open(void)
{
	const char *folder = getenv("TMPDIR");
	char path[4096];
	int fd, len;

	if (folder == NULL || folder[0] == '\0')
		folder = "/tmp";
	len = snprintf(path, sizeof(path), "%s/flowd-stats-XXXXXX", folder);
	if (len < 0 || (size_t)len >= sizeof(path))
		return -1;
	fd = mkstemp(path);
	if (fd == -1)
		return -1;
	(void)unlink(path);
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}
