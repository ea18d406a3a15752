/* Sealing a file in its place; see seal.h. */
#define _DEFAULT_SOURCE
#include <sys/mman.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "file.h"
#include "seal_file.h"
#include "segment_index.h"

static int
fail_errno(const char *doing, struct flowd_error *err)
{
	return flowd_fail_errno(err, "%s", doing);
}

static int
seal_write_fd(void *arg, struct bytes octets, struct flowd_error *err)
{
	const int *fd = arg;

	return file_write(*fd, octets.ptr, octets.len)
	    ? 0
	    : fail_errno("write", err);
}

static int
write_sealed(struct bytes segment, int to, const struct block_options *options,
    struct seal_report *report, struct flowd_error *err)
{
	int bad =
	    seal_segment(segment, options, seal_write_fd, &to, report, err);

	if (bad == 0 && fsync(to) == -1)
		bad = fail_errno("fsync", err);
	return bad;
}

/* Returns 0, or FLOWD_EIO; an empty file has no octets to unmap. */
static int
segment_map(int fd, struct bytes *segment, struct flowd_error *err)
{
	struct stat st;
	void *p;

	*segment = (struct bytes){ NULL, 0 };
	if (fstat(fd, &st) == -1)
		return fail_errno("fstat", err);
	if (st.st_size == 0)
		return 0;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return fail_errno("mmap", err);
	*segment = (struct bytes){ p, (size_t)st.st_size };
	return 0;
}

static void
segment_unmap(struct bytes segment)
{
	if (segment.ptr != NULL)
		(void)munmap((void *)(uintptr_t)segment.ptr, segment.len);
}

static bool
is_sealed(struct bytes segment)
{
	struct segment_index ix;

	return segment_index_find(segment, &ix, NULL) == 0;
}

int
seal_descriptor(int from, int to, const struct block_options *options,
    struct seal_report *report, struct flowd_error *err)
{
	struct bytes segment;
	int bad = segment_map(from, &segment, err);

	*report = (struct seal_report){ .rows = 0 };
	if (bad != 0)
		return bad;
	bad = is_sealed(segment)
	    ? 1
	    : write_sealed(segment, to, options, report, err);
	segment_unmap(segment);
	return bad;
}

/* The new file is synced before it replaces the old one. */
static int
segment_replace(int dirfd, const char *name, struct bytes segment,
    const struct block_options *options, struct seal_report *report,
    struct flowd_error *err)
{
	char temporary[CATALOGUE_NAME + 8];
	int bad, to;

	(void)snprintf(temporary, sizeof(temporary), ".%s.tmp", name);
	(void)unlinkat(dirfd, temporary, 0);
	to = file_create(
	    dirfd, temporary, O_WRONLY, &(struct file_access){ .mode = 0 });
	if (to == -1)
		return fail_errno("cannot write beside it", err);
	bad = write_sealed(segment, to, options, report, err);
	if (close(to) == -1 && bad == 0)
		bad = fail_errno("close", err);
	if (bad == 0 && renameat(dirfd, temporary, dirfd, name) == -1)
		bad = fail_errno("rename", err);
	if (bad != 0)
		(void)unlinkat(dirfd, temporary, 0);
	else
		(void)fsync(dirfd);
	return bad;
}

static int
seal_open_file(int dirfd, const char *name, int fd,
    const struct block_options *options, struct seal_report *report,
    struct flowd_error *err)
{
	struct bytes segment;
	int bad = segment_map(fd, &segment, err);

	if (bad == 0 && !is_sealed(segment))
		bad =
		    segment_replace(dirfd, name, segment, options, report, err);
	segment_unmap(segment);
	return bad;
}

int
seal_file(int dirfd, const char *name, const struct block_options *options,
    struct seal_report *report, struct flowd_error *err)
{
	struct flowd_error why = { .text = "" };
	int fd = -1, bad;

	*report = (struct seal_report){ .rows = 0 };
	if (strlen(name) >= CATALOGUE_NAME)
		bad = flowd_fail(&why, FLOWD_EINVAL, "too long");
	else if ((fd = file_open_read(dirfd, name)) == -1)
		bad = fail_errno("open", &why);
	else
		bad = seal_open_file(dirfd, name, fd, options, report, &why);
	if (fd != -1)
		(void)close(fd);
	return bad == 0
	    ? 0
	    : flowd_fail_because(err, &why, "%s: %s", name, why.text);
}
