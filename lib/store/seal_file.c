/* Sealing a file in its place; see seal.h. */
#define _DEFAULT_SOURCE
#include <sys/mman.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "index.h"
#include "seal.h"

struct target {
	int fd;
	const char *name;
};

static int
fail_errno(const char *name, const char *doing, struct flowd_error *err)
{
	return flowd_fail(err, FLOWD_EIO, "%s: %s: %s", name, doing,
	    strerror(errno));
}

static int
write_all(void *arg, struct bytes octets, struct flowd_error *err)
{
	const struct target *t = arg;

	while (octets.len > 0) {
		ssize_t n = write(t->fd, octets.ptr, octets.len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return fail_errno(t->name, "write", err);
		octets.ptr += n;
		octets.len -= (size_t)n;
	}
	return 0;
}

/* The new file is on the disk before it takes the place of the old one. */
static int
replace(int dirfd, const char *temporary, const char *name,
    struct bytes segment, const struct block_options *options,
    struct seal_report *report, struct flowd_error *err)
{
	struct target t = { .name = name };
	int bad;

	t.fd = openat(dirfd, temporary,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (t.fd == -1)
		return fail_errno(name, "cannot write beside it", err);
	bad = seal_segment(segment, options, write_all, &t, report, err);
	if (bad == 0 && fsync(t.fd) == -1)
		bad = fail_errno(name, "fsync", err);
	if (close(t.fd) == -1 && bad == 0)
		bad = fail_errno(name, "close", err);
	if (bad == 0 && renameat(dirfd, temporary, dirfd, name) == -1)
		bad = fail_errno(name, "rename", err);
	if (bad != 0)
		(void)unlinkat(dirfd, temporary, 0);
	else
		(void)fsync(dirfd);
	return bad;
}

static int
seal_mapped(int dirfd, const char *name, struct bytes segment,
    const struct block_options *options, struct seal_report *report,
    struct flowd_error *err)
{
	char temporary[CATALOGUE_NAME + 8];
	struct index ix;

	*report = (struct seal_report){ .rows = 0 };
	if (index_find(segment, &ix, NULL) == 0)
		return 0;
	(void)snprintf(temporary, sizeof(temporary), ".%s.tmp", name);
	return replace(dirfd, temporary, name, segment, options, report, err);
}

int
seal_file(int dirfd, const char *name, const struct block_options *options,
    struct seal_report *report, struct flowd_error *err)
{
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), bad;
	struct stat st;
	void *p = NULL;

	if (strlen(name) >= CATALOGUE_NAME)
		bad = flowd_fail(err, FLOWD_EINVAL, "%s: too long", name);
	else if (fd == -1 || fstat(fd, &st) == -1)
		bad = fail_errno(name, "open", err);
	else if (st.st_size > 0 &&
	    (p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd,
		 0)) == MAP_FAILED)
		bad = fail_errno(name, "mmap", err);
	else
		bad = seal_mapped(dirfd, name,
		    (struct bytes){ p, (size_t)st.st_size }, options, report,
		    err);
	if (p != NULL && p != MAP_FAILED)
		(void)munmap(p, (size_t)st.st_size);
	if (fd != -1)
		(void)close(fd);
	return bad;
}
