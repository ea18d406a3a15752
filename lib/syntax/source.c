/* Texts to be parsed; see source.h. Test: test/unit/syntax/test_diag.c. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source.h"

enum {
	GIVEN_MAX = 256 /* descriptors below this number are compared */
};

struct source
source_of_text(const char *name, struct bytes text)
{
	return (struct source){ .name = name, .text = text };
}

/* Shrinks the memory to the size of the text. */
static void
source_shrink(struct source *src)
{
	uint8_t *less = realloc(src->memory, src->text.len + 1);

	if (less != NULL)
		src->text.ptr = src->memory = less;
}

/* Reads one octet more than the maximum, to detect a text that is too long. */
static int
read_all(struct source *src, FILE *f, struct flowd_error *err)
{
	src->memory = malloc(SOURCE_MAX + 1);
	if (src->memory == NULL)
		return flowd_fail(
		    err, FLOWD_ENOMEM, "%s: out of memory", src->name);
	src->text.ptr = src->memory;
	src->text.len = fread(src->memory, 1, SOURCE_MAX + 1, f);
	if (ferror(f))
		return flowd_fail_errno(err, "cannot read %s", src->name);
	if (src->text.len > SOURCE_MAX)
		return flowd_fail(err, FLOWD_ERANGE,
		    "%s: longer than %d octets", src->name, SOURCE_MAX);
	source_shrink(src);
	return 0;
}

/*
 * Did the process inherit this pipe, such as /dev/stdin or /dev/fd/63? Such a
 * pipe has or had a writer, but a named FIFO may block for ever.
 */
static bool
is_given(int fd, const struct stat *st)
{
	struct stat given;

	for (int i = 0; i < GIVEN_MAX; i++)
		if (i != fd && fstat(i, &given) == 0 &&
		    given.st_dev == st->st_dev && given.st_ino == st->st_ino)
			return true;
	return false;
}

/* Is a file of this type read? Returns 0, or FLOWD_EIO with err set. */
static int
kind_check(int fd, const char *path, bool regular, struct flowd_error *err)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return flowd_fail_errno(err, "cannot open %s", path);
	if (regular && !S_ISREG(st.st_mode))
		return flowd_fail(err, FLOWD_EIO,
		    "cannot open %s: it is no regular file", path);
	if (S_ISFIFO(st.st_mode) && !is_given(fd, &st))
		return flowd_fail(err, FLOWD_EIO,
		    "cannot open %s: it is a FIFO, which may have no writer; "
		    "use /dev/stdin", path);
	/* Only open() must not block; reading from a pipe may. */
	if (fcntl(fd, F_SETFL, 0) == -1)
		return flowd_fail_errno(err, "cannot open %s", path);
	return 0;
}

static FILE *
open_file(const char *path, bool regular, struct flowd_error *err)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	FILE *f = NULL;

	if (fd != -1 && kind_check(fd, path, regular, err) != 0) {
		(void)close(fd);
		return NULL;
	}
	if (fd == -1 || (f = fdopen(fd, "r")) == NULL)
		(void)flowd_fail_errno(err, "cannot open %s", path);
	if (fd != -1 && f == NULL)
		(void)close(fd);
	return f;
}

static int
read_file(struct source *src, const char *path, bool regular,
    struct flowd_error *err)
{
	FILE *f = open_file(path, regular, err);
	int rc;

	*src = (struct source){ .name = path };
	if (f == NULL)
		return FLOWD_EIO;
	rc = read_all(src, f, err);
	(void)fclose(f);
	if (rc != 0)
		source_fini(src);
	return rc;
}

int
source_read(struct source *src, const char *path, struct flowd_error *err)
{
	return read_file(src, path, false, err);
}

int
source_read_regular(struct source *src, const char *path,
    struct flowd_error *err)
{
	return read_file(src, path, true, err);
}

FILE *
source_open(const char *path, struct flowd_error *err)
{
	return open_file(path, true, err);
}

static size_t
folder_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? (size_t)(slash - path) + 1 : 0;
}

size_t
source_folder_len(const struct source *src, const char *path)
{
	size_t len = folder_len(src->name);

	/* "/etc//x" is not "/x" beside a file in /etc. */
	return strncmp(src->name, path, len) == 0 && path[len] != '/' ? len
								     : 0;
}

bool
source_path(const struct source *src, const char *path, char *out, size_t size)
{
	size_t folder = folder_len(src->name), len = strlen(path);

	if (path[0] == '/')
		folder = 0;
	if (folder + len >= size)
		return false;
	memcpy(out, src->name, folder);
	memcpy(out + folder, path, len + 1);
	return true;
}

void
source_fini(struct source *src)
{
	free(src->memory);
	src->memory = NULL;
	src->text = (struct bytes){ NULL, 0 };
}

struct bytes
source_line(const struct source *src, uint32_t line)
{
	struct bytes rest = src->text;
	const uint8_t *newline;

	if (src->first_line > 1)
		line -= src->first_line - 1;
	while (rest.len > 0) {
		newline = memchr(rest.ptr, '\n', rest.len);
		if (line == 1) {
			if (newline != NULL)
				rest.len = (size_t)(newline - rest.ptr);
			return rest;
		}
		if (newline == NULL)
			break;
		line--;
		rest.len -= (size_t)(newline + 1 - rest.ptr);
		rest.ptr = newline + 1;
	}
	return (struct bytes){ NULL, 0 };
}
