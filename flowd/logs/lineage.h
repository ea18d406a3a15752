/*
 * Lineage: the log file in use and those before it that the keeper may not be
 * done with. A keeper that dies in the middle of a write leaves a part of it
 * in one of them: its successor is given all, the oldest first, to find it.
 *
 * It may be "no file", too, as when a configuration has no log file any more.
 * Called by stores.c and equip.c. Test: test/unit/flowd/test_lineage.c.
 */
#ifndef FLOWD_LINEAGE_H
#define FLOWD_LINEAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LINEAGE_FILES = 8, /* that may be added while the keeper stands still */
	LINEAGE_PLACES = LINEAGE_FILES + 2 /* the first, and an end */
};

struct lineage_file {
	int fd; /* -1: no file */
	char *path; /* NULL: no file, or there was no memory for it */
};

struct lineage {
	struct lineage_file files[LINEAGE_PLACES]; /* the last one is in use */
	size_t n; /* never 0 */
	uint32_t serial; /* of the one in use; by one less before it */
};

/* With no file in use. */
void lineage_init(struct lineage *l);
void lineage_fini(struct lineage *l);

/* Of the one in use. */
static inline const struct lineage_file *
lineage_now(const struct lineage *l)
{
	return &l->files[l->n - 1];
}

/* Is there no room for another file? */
bool lineage_full(const struct lineage *l);
/* A file is in use from now on, when it is not full; it takes fd. */
void lineage_add(struct lineage *l, int fd, const char *path);
/* None is in use any more. */
void lineage_end(struct lineage *l);

/* The keeper uses this one: it is done with those before. */
void lineage_release(struct lineage *l, uint32_t serial);
/* May the keeper still be at one that is not in use? */
static inline bool
lineage_pending(const struct lineage *l)
{
	return l->n > 1;
}

#endif
