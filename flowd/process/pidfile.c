/* The pid file; see pidfile.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "pidfile.h"

enum {
	PID_TEXT_MAX = 32
};

/*
 * Read the file: the pid, 0 if it is empty, or -1 if it is no pid file. Such a
 * file is not touched: a wrong path may name a log.
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

static bool
write_pid(int fd)
{
	char text[PID_TEXT_MAX];
	int len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	return ftruncate(fd, 0) == 0 &&
	    pwrite(fd, text, (size_t)len, 0) == (ssize_t)len;
}

/*
 * A lock of the whole file. The running process holds it; it ends with the
 * process.
 */
static struct flock
lock_of(short type)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET };
}

/* The pid of the process that holds the lock; 0: none. */
static long
lock_owner(int fd)
{
	struct flock lock = lock_of(F_WRLCK);

	if (fcntl(fd, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK)
		return 0;
	return (long)lock.l_pid;
}

/* Lock the file. Succeeds where the file system has no locks. */
static bool
pidfile_lock(int fd)
{
	struct flock lock = lock_of(F_WRLCK);

	return fcntl(fd, F_SETLK, &lock) == 0 ||
	    (errno != EAGAIN && errno != EACCES);
}

/* Is fd still the file at the path? */
static bool
is_file_at(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(path, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static int
pidfile_refuse(const char *path, long pid)
{
	log_error("flowd is already running: process %ld holds %s", pid, path);
	return -1;
}

long
pidfile_owner(const char *path)
{
	int fd = file_open_own(path, O_RDONLY);
	long pid = 0;

	if (fd != -1) {
		pid = lock_owner(fd);
		(void)close(fd);
	}
	return pid;
}

int
pidfile_check(const char *path)
{
	long pid = pidfile_owner(path);

	return pid == 0 ? 0 : pidfile_refuse(path, pid);
}

/* Open and lock the file. Returns a descriptor, or -1 with why set. */
static int
pidfile_open(const char *path, const char **why)
{
	int fd;

	*why = NULL;
	for (;;) {
		fd = file_open_own(path, O_RDWR | O_CREAT);
		if (fd == -1) {
			*why = strerror(errno);
			return -1;
		}
		if (read_pid(fd) < 0) {
			*why = "it is not a pid file";
			break;
		}
		if (!pidfile_lock(fd)) {
			(void)pidfile_refuse(path, lock_owner(fd));
			break;
		}
		if (is_file_at(fd, path))
			return fd;
		(void)close(fd);
	}
	(void)close(fd);
	return -1;
}

static int
pidfile_create(const char *path, const char **why)
{
	int fd = pidfile_open(path, why);

	if (fd == -1 || write_pid(fd))
		return fd;
	*why = strerror(errno);
	(void)close(fd);
	return -1;
}

int
pidfile_write(const char *path)
{
	const char *why;
	int fd = pidfile_create(path, &why);

	if (why != NULL)
		log_error("cannot write pidfile %s: %s", path, why);
	return fd;
}

int
pidfile_restore(const char *path, int fd)
{
	const char *why = NULL;
	struct stat st;
	int next;

	if (fd == -1 || lstat(path, &st) == 0 || errno != ENOENT)
		return fd;
	next = pidfile_create(path, &why);
	if (next == -1) {
		if (why != NULL)
			log_limited(
			    LOG_KIND_PATH, "cannot write pidfile %s: %s",
			    path, why);
		return fd;
	}
	log_limited(LOG_KIND_PATH, "pidfile %s was removed: created it again",
	    path);
	(void)close(fd);
	return next;
}

void
pidfile_remove(const char *path, int fd)
{
	if (fd == -1)
		return;
	if (is_file_at(fd, path) && read_pid(fd) == (long)getpid())
		(void)unlink(path);
	(void)close(fd);
}
