/*
 * Segments that were removed from a directory, and how many flows they had: a
 * text beside the others, see flowd-log(5). Who follows the directory and was
 * too slow can tell what it has missed.
 *
 * Called by flowd/logs/retention.c and flowd-reader.
 * Test: test/unit/store/test_removed.c, test/program/test_reader_follow.py.
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
	bool changed; /* it is not in the file */
};

/* What is in the file, or nothing when it cannot be read. */
void removed_load(struct removed *r, int dirfd);
void removed_fini(struct removed *r);
/* A segment is gone, of which this is a descriptor, or -1. */
void removed_add(struct removed *r, const char *name, int fd);
/* Write the file, when there is something new. 0, or -1 and errno. */
int removed_save(struct removed *r, int dirfd,
    const struct file_access *access);

struct removed_sum {
	uint64_t segments, flows;
	bool more; /* there may have been others, or some without a number */
};

/*
 * Segments behind the first, or from it on when it counts, and in front of the
 * last, which are names of segments.
 */
struct removed_sum removed_between(const struct removed *r, const char *first,
    bool counts, const char *last);

/* Flows in the blocks of a segment, up to damage; -1: there are too many. */
int64_t removed_count(int fd);

#endif
