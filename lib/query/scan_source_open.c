/*
 * Sources; see scan_source.h. Logs of versions 2 and 3 are read into a large
 * buffer, which is shifted when it ends within a record.
 */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "magic.h"
#include "scan_source.h"
#include "segment_source.h"
#include "v2.h"
#include "v3.h"

enum { PIECE = 1024 * 1024 };

struct scan_source {
	const char *path;
	const char *name; /* for messages */
	const struct scan_source_options *options;
	int (*next)(struct scan_source *s, struct batch *batch,
	    struct flowd_error *err); /* NULL: not identified yet */
	uint64_t size; /* of the file; 0: not known */
	int fd; /* -1: owned by capture or segment */
	bool waits;
	struct segment_source *segment; /* a log of version 4 */
	/* A log. */
	int (*read)(struct bytes in, struct batch *batch, size_t *used,
	    struct flowd_error *err);
	uint32_t started_sec;
	bool eof;
	uint64_t offset; /* position of data[at] in the file */
	uint64_t records; /* read so far */
	uint64_t skip; /* records still to skip */
	void *capture; /* the handle of options->capture */
	size_t at, len; /* used and available octets of data */
	uint8_t data[PIECE];
};

/* Was the followed log truncated below the read position? */
static bool
scan_source_is_shorter(const struct scan_source *s)
{
	struct stat st;

	return s->options->follow && fstat(s->fd, &st) == 0 &&
	    S_ISREG(st.st_mode) &&
	    (uint64_t)st.st_size < s->offset + s->len;
}

/* One read(2): a pipe returns the data it has. */
static int
scan_source_fill(struct scan_source *s, struct flowd_error *err)
{
	ssize_t got;

	memmove(s->data, s->data + s->at, s->len - s->at);
	s->len -= s->at;
	s->at = 0;
	if (scan_source_is_shorter(s))
		return flowd_fail(err, FLOWD_EIO,
		    "%s: became shorter while it was read", s->name);
	do
		got = read(
		    s->fd, s->data + s->len, sizeof(s->data) - s->len);
	while (got == -1 && errno == EINTR);
	if (got == -1)
		return flowd_fail_errno(err, "%s", s->name);
	s->eof = got == 0;
	s->len += (size_t)got;
	return 0;
}

/* Adds the position in the log to the error. */
static int
scan_source_fail_rows(const struct scan_source *s, int bad,
    const char *why, struct flowd_error *err)
{
	bool legacy = s->offset == 0 && s->read == v3_read &&
	    v2_check_head((struct bytes){ s->data + s->at,
		s->len - s->at }, &(uint32_t){ 0 }, NULL) == 0;

	return flowd_fail(err, bad,
	    "%s: offset %" PRIu64 ": record %" PRIu64 ": %s%s", s->name,
	    s->offset, s->records + 1, why,
	    legacy ? "; it is a log of version 2, which flowd-reader -L reads"
		   : "");
}

static int
scan_source_next_rows(
    struct scan_source *s, struct batch *batch, struct flowd_error *err)
{
	struct flowd_error why;
	size_t used;
	int got;

	for (;;) {
		got = s->read(
		    (struct bytes){ s->data + s->at, s->len - s->at },
		    batch, &used, &why);
		s->at += used;
		s->offset += used;
		if (got > 0) {
			s->records += (uint64_t)got;
			return got;
		}
		if (got != FLOWD_EOF)
			return scan_source_fail_rows(s, got, why.text, err);
		if (s->eof)
			return 0;
		if ((got = scan_source_fill(s, err)) != 0)
			return got;
	}
}

/* Reads the file header of version 2. */
static int
scan_source_begin_v2(struct scan_source *s, struct flowd_error *err)
{
	struct flowd_error why;
	int bad = 0;

	s->next = scan_source_next_rows;
	s->read = v2_read;
	while (bad == 0 && s->len < V2_FILE_HEAD && !s->eof)
		bad = scan_source_fill(s, err);
	if (bad != 0)
		return bad;
	bad = v2_check_head(
	    (struct bytes){ s->data, s->len }, &s->started_sec, &why);
	if (bad != 0)
		return flowd_fail_because(
		    err, &why, "%s: %s", s->name, why.text);
	s->at = s->offset = V2_FILE_HEAD;
	return 0;
}

static int
scan_source_next_capture(
    struct scan_source *s, struct batch *batch, struct flowd_error *err)
{
	return s->options->capture->next(s->capture, batch, s->waits, err);
}

/* The capture takes over the descriptor, and the octet that was read. */
static int
scan_source_begin_capture(struct scan_source *s, struct flowd_error *err)
{
	const struct scan_capture *c = s->options->capture;
	int fd = s->fd;

	s->fd = -1;
	s->next = scan_source_next_capture;
	s->capture = c->open(c->arg, fd,
	    (struct bytes){ s->data, s->len }, s->name, err);
	return s->capture != NULL ? 0 : FLOWD_EFORMAT;
}

static int
scan_source_next_segment(
    struct scan_source *s, struct batch *batch, struct flowd_error *err)
{
	return segment_source_next(s->segment, batch, err);
}

static int
scan_source_begin_v4(struct scan_source *s, struct flowd_error *err)
{
	s->segment = segment_source_open(s->fd, s->name, s->options,
	    (struct bytes){ s->data, s->len }, err);
	if (s->segment == NULL)
		return FLOWD_ENOMEM;
	s->fd = -1;
	s->next = scan_source_next_segment;
	return 0;
}

static bool
scan_source_is_like_capture(const struct scan_source *s)
{
	const struct scan_capture *c = s->options->capture;

	return c != NULL && c->sniff(s->data[0]);
}

/* Is a file of no known kind a log of version 4 that begins damaged? */
static bool
scan_source_is_damaged_v4(const struct scan_source *s)
{
	struct flowd_error ignored;
	struct mapping m;
	bool has_block;
	int fd;

	if (s->waits || s->options->read || s->data[0] >> 5 == V3_MAJOR ||
	    scan_source_is_like_capture(s) || (fd = dup(s->fd)) == -1)
		return false;
	if (mapping_init(&m, fd, (struct bytes){ s->data, 0 }, s->name,
		&ignored) != 0) {
		(void)close(fd);
		return false;
	}
	has_block = mapping_has_block(&m);
	mapping_fini(&m);
	return has_block;
}

/*
 * The first octets of the file. The first one has been read; of a regular file
 * the others are not consumed, because libpcap must read them; of a pipe they
 * are read.
 */
static struct bytes
scan_source_peek(struct scan_source *s, uint8_t room[MAGIC_OCTETS])
{
	struct flowd_error ignored;
	ssize_t got = -1;
	off_t at;

	if (!s->waits && (at = lseek(s->fd, 0, SEEK_CUR)) > 0)
		got = pread(s->fd, room, MAGIC_OCTETS, at - 1);
	if (got > 0)
		return (struct bytes){ room, (size_t)got };
	while (!scan_source_is_like_capture(s) && s->len < MAGIC_FEW &&
	    !s->eof && scan_source_fill(s, &ignored) == 0)
		;
	return (struct bytes){ s->data, s->len };
}

/*
 * No record begins so: minor versions are not so large, and the reserved octets
 * are 0.
 */
static bool
is_unlike_v3(struct bytes head)
{
	return head.len >= 4 && head.ptr[0] >> 5 == V3_MAJOR &&
	    (head.ptr[0] & 0x1f) > 1 && (head.ptr[2] | head.ptr[3]) != 0;
}

/*
 * Does the file end within its first record? Then it counts as a truncated log
 * without flows, whatever it is.
 */
static bool
scan_source_is_cut(struct scan_source *s)
{
	struct flowd_error ignored;

	while (s->len < V3_RECORD_MAX && !s->eof &&
	    scan_source_fill(s, &ignored) == 0)
		;
	return s->len == 0 ||
	    (!scan_source_is_like_capture(s) &&
		(s->len < V3_HEAD ||
		    (s->data[1] <= V3_BODY_MAX / 4 &&
			s->len < V3_HEAD + 4 * (size_t)s->data[1])));
}

/* Treats the file as a log of version 2 or 3, unless it cannot be one. */
static int
scan_source_begin_rows(
    struct scan_source *s, struct bytes head, struct flowd_error *err)
{
	bool known = magic_is_known(head);

	s->next = scan_source_next_rows;
	s->read = v3_read;
	if (!known && ((!magic_is_text(head) && !is_unlike_v3(head)) ||
			  (!s->options->strict && !s->options->regular &&
			      scan_source_is_cut(s))))
		return 0;
	if (!known && !magic_is_text(head))
		return flowd_fail(err, FLOWD_EFORMAT,
		    "%s: is neither a flow log nor a capture", s->name);
	return magic_refuse(head, s->name, s->options->program, err);
}

/* Identifies the format by the first octets. */
static int
scan_source_begin(struct scan_source *s, struct flowd_error *err)
{
	ssize_t got = read(s->fd, s->data, 1);
	uint8_t room[MAGIC_OCTETS];
	struct bytes head;

	if (got == -1)
		return flowd_fail_errno(err, "%s", s->name);
	s->len = (size_t)got;
	s->eof = got == 0;
	if (s->eof && s->options->follow && !s->waits)
		return 0;
	if (s->options->legacy)
		return scan_source_begin_v2(s, err);
	if (got == 1 && s->data[0] == block_magic[0])
		return scan_source_begin_v4(s, err);
	head = got == 1 ? scan_source_peek(s, room) : (struct bytes){ room, 0 };
	if (got == 1 && scan_source_is_like_capture(s) && !magic_is_text(head))
		return scan_source_begin_capture(s, err);
	if (got == 1 && !magic_is_known(head) && scan_source_is_damaged_v4(s))
		return scan_source_begin_v4(s, err);
	return scan_source_begin_rows(s, head, err);
}

/* The descriptor that a path stands for, or -1. */
static int
fd_of_path(const char *path, bool fds)
{
	static const char before[] = "/dev/fd/";
	const size_t len = sizeof(before) - 1;
	char *end;
	long fd;

	if (strcmp(path, "-") == 0)
		return STDIN_FILENO;
	if (!fds || strncmp(path, before, len) != 0)
		return -1;
	fd = strtol(path + len, &end, 10);
	return *end == '\0' && fd <= INT_MAX ? (int)fd : -1;
}

/* One that was given is read from its beginning, whatever was read of it. */
static int
open_given(int given)
{
	int fd = fcntl(given, F_DUPFD_CLOEXEC, 0);

	if (fd != -1 && given != STDIN_FILENO)
		(void)lseek(fd, 0, SEEK_SET);
	return fd;
}

static int
scan_source_open_file(
    struct scan_source *s, const char *path, struct flowd_error *err)
{
	int given = fd_of_path(path, s->options->fds);
	struct stat st;

	s->path = path;
	s->name = strcmp(path, "-") == 0 ? "standard input" : path;
	if (s->options->regular)
		s->fd = file_open_read(AT_FDCWD, path);
	else
		s->fd = given != -1 ? open_given(given)
				    : open(path, O_RDONLY);
	if (s->fd == -1 || fstat(s->fd, &st) == -1)
		return flowd_fail_errno(err, "%s", s->name);
	s->waits = !S_ISREG(st.st_mode);
	s->size = s->waits ? 0 : (uint64_t)st.st_size;
	return 0;
}

struct scan_source *
scan_source_open(const char *path, const struct scan_source_options *options,
    struct flowd_error *err)
{
	struct scan_source *s = malloc(sizeof(*s));

	if (s == NULL) {
		(void)flowd_fail(err, FLOWD_ENOMEM, "%s: out of memory", path);
		return NULL;
	}
	/* A mapped file needs no data: its pages stay untouched. */
	memset(s, 0, offsetof(struct scan_source, data));
	s->options = options;
	s->skip = options->skip;
	if (scan_source_open_file(s, path, err) == 0 &&
	    scan_source_begin(s, err) == 0)
		return s;
	scan_source_close(s);
	return NULL;
}

void
scan_source_close(struct scan_source *s)
{
	if (s == NULL)
		return;
	if (s->capture != NULL)
		s->options->capture->close(s->capture);
	segment_source_close(s->segment);
	if (s->fd != -1)
		(void)close(s->fd);
	free(s);
}

/* Keep the rows of the batch that are neither skipped nor past the limit. */
static void
scan_source_limit(struct scan_source *s, struct batch *batch)
{
	uint64_t *left = s->options->left;
	uint64_t skip = s->skip < batch->nrows ? s->skip : batch->nrows;
	uint64_t n = batch->nrows - skip < *left ? batch->nrows - skip : *left;
	size_t end = (size_t)(skip + n);

	bitmap_clear_range(batch->selected, 0, (size_t)skip);
	bitmap_clear_range(batch->selected, end, batch->nrows - end);
	s->skip -= skip;
	*left -= n;
}

/*
 * segment_source.c skips and limits itself, as it need not read all columns for
 * that.
 */
int
scan_source_next(
    struct scan_source *s, struct batch *batch, struct flowd_error *err)
{
	int got;

	if (s->next == NULL && (got = scan_source_begin(s, err)) != 0)
		return got;
	if (s->next == NULL)
		return 0;
	if (s->segment != NULL)
		return s->next(s, batch, err);
	if (*s->options->left == 0)
		return 0;
	got = s->next(s, batch, err);
	if (got <= 0)
		return got;
	scan_source_limit(s, batch);
	row_filter_select(s->options->filter, batch);
	return got;
}

struct mapping *
scan_source_mapping(struct scan_source *s)
{
	return s->segment != NULL ? segment_source_mapping(s->segment) : NULL;
}

const struct segment_index *
scan_source_index(const struct scan_source *s)
{
	return s->segment != NULL ? segment_source_index(s->segment) : NULL;
}

static enum scan_kind
scan_source_kind(const struct scan_source *s)
{
	if (s->segment != NULL)
		return SCAN_V4;
	if (s->capture != NULL)
		return SCAN_CAPTURE;
	return s->read == v2_read ? SCAN_V2 : SCAN_V3;
}

struct scan_file
scan_source_file(const struct scan_source *s)
{
	return (struct scan_file){ .path = s->path,
		.kind = scan_source_kind(s),
		.started_sec = s->started_sec,
		.waits = s->waits };
}

bool
scan_source_grown(struct scan_source *s)
{
	if (s->segment != NULL)
		return segment_source_grown(s->segment);
	if (s->next == NULL)
		return true;
	if (s->next != scan_source_next_rows || s->waits)
		return false;
	s->eof = false;
	return true;
}

bool
scan_source_stat(const struct scan_source *s, struct stat *st)
{
	int fd = s->segment != NULL ? segment_source_mapping(s->segment)->fd
				    : s->fd;

	return fd != -1 && fstat(fd, st) == 0 && S_ISREG(st->st_mode);
}

struct segment_progress
scan_source_read(const struct scan_source *s)
{
	if (s->segment != NULL)
		return segment_source_read(s->segment);
	return (struct segment_progress){ .octets = s->offset,
		.seen = s->offset + s->len - s->at,
		.flows = s->records };
}

int64_t
scan_source_flush_ns(const struct scan_source *s)
{
	return s->segment != NULL ? segment_source_flush_ns(s->segment) : 0;
}

uint64_t
scan_source_cut(const struct scan_source *s)
{
	return s->next == scan_source_next_rows ? s->len - s->at : 0;
}

bool
scan_source_progress(const struct scan_source *s, uint64_t *at, uint64_t *all)
{
	if (s->segment != NULL)
		return segment_source_progress(s->segment, at, all);
	*at = s->next == scan_source_next_rows ? s->offset : s->size;
	*all = s->size;
	return s->next == scan_source_next_rows && s->size > 0;
}
