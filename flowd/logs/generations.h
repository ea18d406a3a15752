/*
 * Generations of the log file: the one in use and older ones that the writer
 * may still write to. When a writer dies in the middle of a write, its
 * successor gets all of them, the oldest first, to recover from that.
 *
 * A generation may be "no file", when a configuration has no log file any more.
 *
 * Called by logset.c, logset_logfile.c and provision.c.
 * Test: test/unit/flowd/logs/test_generations.c.
 */
#ifndef FLOWD_GENERATIONS_H
#define FLOWD_GENERATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	GENERATIONS_MAX = 8, /* older ones, while the writer is blocked */
	/* with the first, and a last "no file" */
	GENERATIONS_SIZE = GENERATIONS_MAX + 2
};

struct generation {
	int fd; /* -1: no file */
	char *path; /* NULL: no file, or out of memory */
};

struct generations {
	/* The last one is in use. */
	struct generation files[GENERATIONS_SIZE];
	size_t n; /* never 0 */
	uint32_t serial; /* of the one in use; older ones count down */
};

/* Initialize, with no file in use. */
void generations_init(struct generations *l);
void generations_fini(struct generations *l);

/* The one in use. */
static inline const struct generation *
generations_now(const struct generations *l)
{
	return &l->files[l->n - 1];
}

/* Is there no room for another generation? */
bool generations_full(const struct generations *l);
/* Use another file; takes fd. Only when it is not full. */
void generations_add(struct generations *l, int fd, const char *path);
/* Use no file any more. */
void generations_end(struct generations *l);

/* The writer uses this one: close older generations. */
void generations_release(struct generations *l, uint32_t serial);
/* Does the writer perhaps still write to an older one? */
static inline bool
generations_pending(const struct generations *l)
{
	return l->n > 1;
}

#endif
