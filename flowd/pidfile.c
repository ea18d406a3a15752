/* The pid file; see pidfile.h. Test: test/program/test_flowd.py. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemonlog.h"
#include "pidfile.h"

enum {
	PID_TEXT_MAX = 32
};

/*
 * Read what the file holds: the pid, 0 for an empty file, or -1 for what is no
 * pid file, which is left alone: a log, by a slip in the configuration.
 */
static long
read_pid(int fd)
{
	char text[PID_TEXT_MAX + 1];
	ssize_t len = pread(fd, text, PID_TEXT_MAX, 0);
	struct stat st;
	long pid;
	int end;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || len < 0 ||
	    st.st_size != (off_t)len)
		return -1;
	if (len == 0)
		return 0;
	text[len] = '\0';
	if (sscanf(text, "%ld\n%n", &pid, &end) != 1 || end != (int)len ||
	    pid <= 0)
		return -1;
	return pid;
}

/* Never waits: what is there may be a FIFO. */
static int
open_pidfile(const char *path, int flags)
{
	return open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
}

static bool
write_pid(int fd)
{
	char text[PID_TEXT_MAX];
	int len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	return ftruncate(fd, 0) == 0 &&
	    pwrite(fd, text, (size_t)len, 0) == (ssize_t)len;
}

int
pidfile_write(const char *path)
{
	int fd = open_pidfile(path, O_RDWR | O_CREAT);
	bool other = fd != -1 && read_pid(fd) < 0;
	bool good = fd != -1 && !other && write_pid(fd);
	int why = errno;

	if (fd != -1)
		(void)close(fd);
	if (good)
		return 0;
	log_error("cannot write pidfile %s: %s", path,
	    other ? "it holds something else" : strerror(why));
	return -1;
}

void
pidfile_remove(const char *path)
{
	int fd = open_pidfile(path, O_RDONLY);

	if (fd == -1)
		return;
	if (read_pid(fd) == (long)getpid())
		(void)unlink(path);
	(void)close(fd);
}
