/*
 * Lineage: the log file in use and those before it that the writer may not be
 * done with. A writer that dies in the middle of a write leaves a part of it
 * in one of them: its successor is given all, the oldest first, to find it.
 *
 * It may be "no file", too, as when a configuration has no log file any more.
 * Called by logset.c and provision.c. Test: test/unit/flowd/test_generations.c.
 */
#ifndef FLOWD_GENERATIONS_H
#define FLOWD_GENERATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	GENERATIONS_MAX = 8, /* that may be added while the writer stands still */
	GENERATIONS_PLACES = GENERATIONS_MAX + 2 /* the first, and an end */
};

struct generation {
	int fd; /* -1: no file */
	char *path; /* NULL: no file, or there was no memory for it */
};

struct generations {
	struct generation files[GENERATIONS_PLACES]; /* the last one is in use */
	size_t n; /* never 0 */
	uint32_t serial; /* of the one in use; by one less before it */
};

/* With no file in use. */
void generations_init(struct generations *l);
void generations_fini(struct generations *l);

/* Of the one in use. */
static inline const struct generation *
generations_now(const struct generations *l)
{
	return &l->files[l->n - 1];
}

/* Is there no room for another file? */
bool generations_full(const struct generations *l);
/* A file is in use from now on, when it is not full; it takes fd. */
void generations_add(struct generations *l, int fd, const char *path);
/* None is in use any more. */
void generations_end(struct generations *l);

/* The writer uses this one: it is done with those before. */
void generations_release(struct generations *l, uint32_t serial);
/* May the writer still be at one that is not in use? */
static inline bool
generations_pending(const struct generations *l)
{
	return l->n > 1;
}

#endif
