/* Connecting to the log socket; see logsock_connect.h. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"
#include "logsock_connect.h"

/* A failure is logged only: the default size works, too. */
static void
set_bufsize(int fd, const char *path, uint32_t bufsize)
{
	int size = bufsize > INT32_MAX ? INT32_MAX : (int)bufsize;

	if (bufsize > 0 && setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size,
		sizeof(size)) != 0)
		log_warn("logsock %s: bufsize %lu: %s", path,
		    (unsigned long)bufsize, strerror(errno));
}

int
logsock_connect(const char *path, uint32_t bufsize)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd, why;

	if (strlen(path) >= sizeof(to.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(to.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (fd != -1 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0 &&
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 &&
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0) {
		set_bufsize(fd, path, bufsize);
		return fd;
	}
	why = errno;
	if (fd != -1)
		(void)close(fd);
	errno = why;
	return -1;
}
