/*
 * The list of segments that were removed from a directory, with their numbers
 * of flows: a text file beside the segments, see flowd-log(5). A reader that
 * follows the directory and is too slow can tell what it missed.
 *
 * Test: test/unit/store/test_removed.c,
 * test/program/reader/test_reader_follow.py.
 */
#ifndef FLOWD_REMOVED_H
#define FLOWD_REMOVED_H

#include "buf.h"
#include "catalogue.h"
#include "file.h"

enum {
	REMOVED_TEXT = 128 * 1024, /* octets of the text, at most */
	REMOVED_KEPT = 64 * 1024 /* of them that are kept when there are more */
};

extern const char removed_file[]; /* its name */

/* The text, to which lines are added. */
struct removed {
	struct buf text;
	bool changed; /* the file is not up to date */
};

/* Read the file; the list is empty when it cannot be read. */
void removed_load(struct removed *r, int dirfd);
void removed_fini(struct removed *r);
/* A segment is gone, with so many flows; -1: nobody knows. */
void removed_add(struct removed *r, const char *name, int64_t flows);
/* Write the file if the list changed. Returns 0, or -1 with errno set. */
int removed_save(struct removed *r, int dirfd,
    const struct file_access *access);

/* A line of the text. */
struct removed_line {
	char name[CATALOGUE_NAME];
	bool earlier; /* this segment and others in front of it are left out */
	bool has_flows;
	uint64_t flows;
};

/*
 * The next line from octet *at on, which is moved behind it; what is no line is
 * passed over. False at the end.
 */
bool removed_next(
    const struct removed *r, size_t *at, struct removed_line *line);

/*
 * Where the lines begin that were added to a text since it was before. When
 * that does not show, because so much was added that the front was left out, it
 * is 0, and *cut is set.
 */
size_t removed_since(
    const struct removed *r, const struct removed *before, bool *cut);

/* How far the flows of a segment are counted; zeroed at first. */
struct removed_walk {
	int64_t at; /* octets */
	int64_t flows; /* -1: it has too many blocks */
	unsigned blocks;
};

/*
 * Count on over the blocks of a segment, up to damage, but no more of them than
 * the budget, which is lowered by those. True: it has come to the end.
 */
bool removed_walk(struct removed_walk *w, int fd, unsigned *budget);

#endif
