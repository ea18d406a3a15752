/* The service manager; see notify.h. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "notify.h"
#include "num.h"

enum {
	US_PER_MS = 1000,
	KEEP_ALIVES = 3, /* messages per watchdog timeout */
	MESSAGE_MAX = 512
};

/* A leading @ is a NUL: the abstract namespace of Linux. */
static socklen_t
make_address(const char *name, struct sockaddr_un *to)
{
	size_t len = strlen(name);

	*to = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if ((name[0] != '/' && name[0] != '@') || len < 2 ||
	    len >= sizeof(to->sun_path))
		return 0;
	memcpy(to->sun_path, name, len);
	if (name[0] == '@')
		to->sun_path[0] = '\0';
	/*
	 * The length includes the NUL of a path, but not of an abstract name.
	 */
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len +
	    (name[0] == '/'));
}

static int
connect_to(const char *name)
{
	struct sockaddr_un to;
	socklen_t len = make_address(name, &to);
	int fd, why;

	if (len == 0) {
		errno = EINVAL;
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (fd != -1 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0 &&
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 &&
	    connect(fd, (struct sockaddr *)&to, len) == 0)
		return fd;
	why = errno;
	if (fd != -1)
		(void)close(fd);
	errno = why;
	return -1;
}

/* The watchdog interval; 0 when it is off or for another process. */
static int64_t
watchdog_interval(void)
{
	const char *usec = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");
	uint64_t n;

	if (usec == NULL)
		return 0;
	if (pid != NULL &&
	    (num_parse(pid, INT_MAX, &n) != 0 || n != (uint64_t)getpid()))
		return 0;
	if (num_parse(usec, INT64_MAX, &n) != 0 || n == 0)
		return 0;
	n /= US_PER_MS * KEEP_ALIVES;
	return n > 0 ? (int64_t)n : 1;
}

int
notify_open(struct notify *n)
{
	const char *name = getenv("NOTIFY_SOCKET");
	int why = 0;

	*n = (struct notify){ .fd = -1 };
	if (name != NULL) {
		n->fd = connect_to(name);
		why = n->fd == -1 ? errno : 0;
	}
	if (n->fd != -1)
		n->interval_ms = watchdog_interval();
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
	errno = why;
	return why == 0 ? 0 : -1;
}

void
notify_close(struct notify *n)
{
	if (n->fd != -1)
		(void)close(n->fd);
	*n = (struct notify){ .fd = -1 };
}

/* Failures are ignored: the daemon works without a service manager. */
static bool
notify_send(const struct notify *n, const char *text)
{
	if (n->fd == -1)
		return true;
	return send(n->fd, text, strlen(text), MSG_NOSIGNAL) >= 0;
}

void
notify_ready(struct notify *n)
{
	(void)notify_send(n, "READY=1\n");
}

/* MONOTONIC_USEC pairs this message with the READY=1 that follows. */
void
notify_reloading(struct notify *n)
{
	char text[MESSAGE_MAX];
	struct timespec now = { .tv_sec = 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)snprintf(text, sizeof(text),
	    "RELOADING=1\nMONOTONIC_USEC=%" PRId64 "\n",
	    (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	(void)notify_send(n, text);
}

void
notify_stopping(struct notify *n)
{
	(void)notify_send(n, "STOPPING=1\n");
}

void
notify_status(struct notify *n, const char *fmt, ...)
{
	char text[MESSAGE_MAX] = "STATUS=";
	size_t head = strlen(text);
	va_list ap;

	if (n->fd == -1)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text + head, sizeof(text) - head, fmt, ap);
	va_end(ap);
	/* A newline would start another assignment of the protocol. */
	for (char *p = text; *p != '\0'; p++)
		if (*p == '\n')
			*p = ' ';
	(void)notify_send(n, text);
}

void
notify_alive(struct notify *n, int64_t now_ms)
{
	if (n->interval_ms == 0 || now_ms < n->next_ms)
		return;
	if (notify_send(n, "WATCHDOG=1\n"))
		n->next_ms = now_ms + n->interval_ms;
}

int
notify_timeout(const struct notify *n, int64_t now_ms)
{
	int64_t left = n->next_ms - now_ms;

	if (n->interval_ms == 0)
		return -1;
	/* Retry a failed message, but without a busy loop. */
	if (left < 1)
		left = 1;
	if (left > n->interval_ms)
		left = n->interval_ms;
	return left < INT_MAX ? (int)left : INT_MAX;
}
