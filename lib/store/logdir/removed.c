/* Segments that were removed; see removed.h. */
#include <sys/stat.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "block_reader.h"
#include "num.h"
#include "removed.h"
#include "wire_le.h"

enum {
	FRONT = 24, /* octets of a block up to how many flows it has */
	BLOCKS_MAX = 262144, /* that are looked at of a segment */
	DIGITS = 20, /* of a number of 64 bits; "%20s" */
	LINE_LEAST = 16, /* octets of a line with a number, at least */
	LINE_MAX_OCTETS = CATALOGUE_NAME + 64,
	REMOVED_TAIL = 512 /* octets that a text is found again by */
};

/* Flows of one segment; the sum over all lines is less than 2^64. */
#define FLOWS_MAX ((uint64_t)BLOCKS_MAX * UINT32_MAX)
_Static_assert(FLOWS_MAX < UINT64_MAX / (REMOVED_TEXT / LINE_LEAST),
    "their sum is a number");

const char removed_file[] = ".removed";

/*
 * Trusts the heads of the blocks without checksums: the segment is removed
 * anyway.
 */
static bool
walk_block(struct removed_walk *w, int fd)
{
	uint8_t front[FRONT];

	if (pread(fd, front, FRONT, (off_t)w->at) != FRONT ||
	    memcmp(front, block_magic, sizeof(block_magic)) != 0)
		return false;
	if (front[8] == BLOCK_FLOWS)
		w->flows += load_le32(front + 20);
	w->at += (int64_t)load_le32(front + 12) + load_le32(front + 16);
	return load_le32(front + 12) >= FRONT;
}

bool
removed_walk(struct removed_walk *w, int fd, unsigned *budget)
{
	for (; *budget > 0; --*budget) {
		if (!walk_block(w, fd))
			return true;
		if (++w->blocks == BLOCKS_MAX) {
			w->flows = -1;
			return true;
		}
	}
	return false;
}

static void
removed_read(struct removed *r, int fd)
{
	uint8_t *room = buf_room(&r->text, REMOVED_TEXT);
	ssize_t got = room != NULL ? read(fd, room, REMOVED_TEXT) : -1;

	if (got > 0)
		r->text.len = (size_t)got;
	/* What is cut is no line. */
	while (r->text.len > 0 && r->text.ptr[r->text.len - 1] != '\n')
		r->text.len--;
}

void
removed_load(struct removed *r, int dirfd)
{
	int fd = file_open_read(dirfd, removed_file);

	*r = (struct removed){ .changed = false };
	buf_init(&r->text, REMOVED_TEXT);
	if (fd == -1)
		return;
	removed_read(r, fd);
	(void)close(fd);
}

void
removed_fini(struct removed *r)
{
	buf_fini(&r->text);
}

/*
 * Copies the current line as a string, "" if it is too long. Returns what
 * follows.
 */
static const char *
copy_line(const char *at, const char *end, char line[LINE_MAX_OCTETS])
{
	const char *next = memchr(at, '\n', (size_t)(end - at));
	size_t len = (size_t)((next != NULL ? next : end) - at);

	if (len >= LINE_MAX_OCTETS)
		len = 0;
	memcpy(line, at, len);
	line[len] = '\0';
	return next != NULL ? next + 1 : end;
}

/* Drops the oldest lines, and notes that in a line with the last of them. */
static void
removed_cut(struct removed *r)
{
	const char *at = (const char *)r->text.ptr;
	const char *end = at + r->text.len;
	char line[LINE_MAX_OCTETS] = "", name[CATALOGUE_NAME] = "";
	struct buf kept;

	while (end - at > REMOVED_KEPT)
		at = copy_line(at, end, line);
	(void)sscanf(line, "%*s %39s", name);
	buf_init(&kept, REMOVED_TEXT);
	buf_printf(&kept, "earlier %s\n", name);
	buf_append(&kept, at, (size_t)(end - at));
	buf_fini(&r->text);
	r->text = kept;
}

void
removed_add(struct removed *r, const char *name, int64_t flows)
{
	if (r->text.len + LINE_MAX_OCTETS > REMOVED_TEXT)
		removed_cut(r);
	if (flows < 0)
		buf_printf(&r->text, "removed %s -\n", name);
	else
		buf_printf(&r->text, "removed %s %" PRId64 "\n", name, flows);
	r->changed = true;
}

int
removed_save(struct removed *r, int dirfd, const struct file_access *access)
{
	if (!r->changed || !buf_ok(&r->text))
		return 0;
	if (file_replace(dirfd, removed_file, access, r->text.ptr,
		r->text.len) != 0)
		return -1;
	r->changed = false;
	return 0;
}

/* Parses a line; false when it is invalid. */
static bool
removed_parse(const char *text, struct removed_line *line)
{
	char count[DIGITS + 1];
	uint32_t number;
	int64_t sec;
	int got;

	*line = (struct removed_line){ .flows = 0 };
	got = sscanf(text, "removed %39s %20s", line->name, count);
	/* More than a segment can have is no number of ours. */
	line->has_flows = got == 2 &&
	    num_parse(count, FLOWS_MAX, &line->flows) == 0;
	line->earlier =
	    got < 1 && sscanf(text, "earlier %39s", line->name) == 1;
	return (got >= 1 || line->earlier) &&
	    catalogue_parse(line->name, &sec, &number);
}

bool
removed_next(const struct removed *r, size_t *at, struct removed_line *line)
{
	const char *text = (const char *)r->text.ptr;
	char octets[LINE_MAX_OCTETS];

	while (*at < r->text.len) {
		*at = (size_t)(copy_line(text + *at, text + r->text.len,
				   octets) - text);
		if (removed_parse(octets, line))
			return true;
	}
	return false;
}

/* The last lines of a text, enough to find its end in another one. */
static struct bytes
removed_tail(const struct removed *r)
{
	size_t at = r->text.len > REMOVED_TAIL ? r->text.len - REMOVED_TAIL : 0;

	while (at > 0 && at < r->text.len && r->text.ptr[at - 1] != '\n')
		at++;
	return (struct bytes){ r->text.ptr + at, r->text.len - at };
}

size_t
removed_since(
    const struct removed *r, const struct removed *before, bool *cut)
{
	const struct buf *now = &r->text, *old = &before->text;
	struct bytes tail;

	if (old->len == 0)
		return 0;
	if (now->len >= old->len && memcmp(now->ptr, old->ptr, old->len) == 0)
		return old->len;
	tail = removed_tail(before);
	for (size_t at = now->len; tail.len > 0 && at >= tail.len; at--)
		if (memcmp(now->ptr + at - tail.len, tail.ptr, tail.len) == 0)
			return at;
	*cut = true;
	return 0;
}
