/*
 * The segments in a directory, by the time of their creation; see flowd-log(5)
 * for their names.
 *
 * Test: test/unit/store/test_catalogue.c.
 */
#ifndef FLOWD_CATALOGUE_H
#define FLOWD_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "result.h"

enum {
	CATALOGUE_NAME = 40	/* octets of a name and its 0 */
};

struct catalogue_entry {
	int64_t start_sec;
	uint32_t number;
	char name[CATALOGUE_NAME];
	uint64_t size;
	dev_t dev;		/* the file, when it was read */
	ino_t ino;		/* from a directory */
	int64_t changed_sec;	/* last change (mtime); INT64_MAX: not known */
	int64_t noted_sec;	/* last change of the inode (ctime); the same */
	int64_t ended_sec, order_sec; /* set by retain.h */
};

struct catalogue {
	struct catalogue_entry *entry;	/* the oldest first, once sorted */
	size_t n, cap;
};

void catalogue_init(struct catalogue *c);
void catalogue_fini(struct catalogue *c);

/* The name of a segment; number 0 for the first of that second. */
void catalogue_name(int64_t start_sec, uint32_t number,
    char name[CATALOGUE_NAME]);
/* Parse a name; false when catalogue_name() would not write it so. */
bool catalogue_parse(const char *name, int64_t *start_sec, uint32_t *number);

/* Add a file; other names are ignored. Returns 0 or FLOWD_ENOMEM. */
int catalogue_add(struct catalogue *c, const char *name, uint64_t size);
void catalogue_sort(struct catalogue *c);

/*
 * Fill an empty catalogue with the regular files of the open directory, and
 * sort it. 0 or a negative FLOWD_E* with err set. The descriptor stays the
 * caller's.
 */
int catalogue_read(struct catalogue *c, int dirfd, struct flowd_error *err);

/*
 * The end of the segment at i in a sorted catalogue: the creation of the next
 * one with a later second in its name. INT64_MAX if there is none.
 */
int64_t catalogue_end(const struct catalogue *c, size_t i);

/*
 * The segments that may have flows of a range: those created before its end,
 * except those whose successor was created before the range by more than slack,
 * by which clocks may differ. Returns how many, from *first on.
 */
size_t catalogue_range(const struct catalogue *c, int64_t after_sec,
    int64_t before_sec, int64_t slack_sec, size_t *first);

#endif
