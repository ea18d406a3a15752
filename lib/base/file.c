/* How files are opened; see file.h. */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "file.h"

enum {
	OWNER_ONLY = 0600,
	SAFE = O_NONBLOCK | O_NOCTTY | O_CLOEXEC, /* never waits */
	TRIES = 16, /* names that none can guess are free */
	DIGITS = 16
};

static const char beside_end[] = ".tmp";

static int
fail_close(int fd, int error)
{
	(void)close(fd);
	errno = error;
	return -1;
}

int
file_open_read(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | SAFE);
	struct stat st;

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) != 0)
		return fail_close(fd, errno);
	return S_ISREG(st.st_mode) ? fd : fail_close(fd, EINVAL);
}

/* The group comes first: changing it may clear bits of the mode. */
int
file_give(int fd, const struct file_access *access)
{
	mode_t mode = access->mode != 0 ? access->mode : OWNER_ONLY;

	if (access->has_group && fchown(fd, (uid_t)-1, access->group) != 0)
		return -1;
	return fchmod(fd, mode);
}

int
file_create(int dirfd, const char *name, int flags,
    const struct file_access *access)
{
	int fd = openat(dirfd, name,
	    flags | O_CREAT | O_EXCL | O_NOFOLLOW | SAFE, OWNER_ONLY);
	int error;

	if (fd == -1 || file_give(fd, access) == 0)
		return fd;
	error = errno;
	(void)unlinkat(dirfd, name, 0);
	return fail_close(fd, error);
}

int
file_create_beside(int dirfd, const char *name,
    const struct file_access *access, char *beside)
{
	size_t size = strlen(name) + FILE_BESIDE_MORE;
	uint64_t random;
	int fd = -1;

	for (int i = 0; i < TRIES && fd == -1; i++) {
		if (getentropy(&random, sizeof(random)) != 0)
			return -1;
		(void)snprintf(beside, size, ".%s.%016" PRIx64 "%s", name,
		    random, beside_end);
		fd = file_create(dirfd, beside, O_WRONLY, access);
		if (fd == -1 && errno != EEXIST)
			break;
	}
	return fd;
}

bool
file_write(int fd, const void *octets, size_t len)
{
	const uint8_t *p = octets;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

int
file_replace(int dirfd, const char *name, const struct file_access *access,
    const void *octets, size_t len)
{
	char beside[NAME_MAX + 1 + FILE_BESIDE_MORE];
	int fd, error;

	if (strlen(name) > NAME_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = file_create_beside(dirfd, name, access, beside);
	if (fd == -1)
		return -1;
	if (file_write(fd, octets, len) && fsync(fd) == 0 &&
	    renameat(dirfd, beside, dirfd, name) == 0) {
		(void)fsync(dirfd);
		return close(fd);
	}
	error = errno;
	(void)unlinkat(dirfd, beside, 0);
	return fail_close(fd, error);
}

/* The length of the text before a dot and this many digits at its end. */
static size_t
without_digits(const char *text, size_t len)
{
	size_t n = len;

	while (n > 0 && len - n < DIGITS &&
	    ((text[n - 1] >= '0' && text[n - 1] <= '9') ||
		(text[n - 1] >= 'a' && text[n - 1] <= 'f')))
		n--;
	return len - n == DIGITS && n > 0 && text[n - 1] == '.' ? n - 1 : len;
}

/* Earlier versions left no digits. */
bool
file_is_beside(const char *beside, char *name, size_t size)
{
	size_t len = strlen(beside), end = strlen(beside_end);

	if (len <= 1 + end || beside[0] != '.' ||
	    strcmp(beside + len - end, beside_end) != 0)
		return false;
	len = without_digits(beside + 1, len - 1 - end);
	if (len == 0 || len >= size)
		return false;
	memcpy(name, beside + 1, len);
	name[len] = '\0';
	return true;
}

int
file_open_own(const char *path, int flags)
{
	return open(path, flags | O_NOFOLLOW | SAFE, OWNER_ONLY);
}

/* Only links of root or our own are followed; others could point anywhere. */
static bool
is_trusted_link(const char *path, struct stat *st)
{
	return lstat(path, st) == 0 && S_ISLNK(st->st_mode) &&
	    (st->st_uid == 0 || st->st_uid == geteuid());
}

static bool
is_same_link(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_ctime == b->st_ctime;
}

/* The target is certain only if the same link is still there afterwards. */
static int
open_through_link(const char *path, int flags)
{
	struct stat before, after;
	int fd;

	if (!is_trusted_link(path, &before)) {
		errno = EPERM;
		return -1;
	}
	fd = open(path, flags, OWNER_ONLY);
	if (fd == -1 || (is_trusted_link(path, &after) &&
			    is_same_link(&before, &after)))
		return fd;
	return fail_close(fd, EPERM);
}

/* Follows a link if it is trusted. */
static int
open_meant(const char *path, int flags)
{
	int fd = open(path, flags | O_NOFOLLOW, OWNER_ONLY), error = errno;
	struct stat st;

	/* What errno says of a link each system has chosen for itself. */
	if (fd == -1 && lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
		return open_through_link(path, flags);
	errno = error;
	return fd;
}

/* O_RDWR, because a FIFO then opens without a reader. */
int
file_open_log(const char *path)
{
	return open_meant(path, O_RDWR | O_APPEND | O_CREAT | SAFE);
}

int
file_open_directory(const char *path)
{
	return open_meant(path, O_RDONLY | O_DIRECTORY | SAFE);
}
