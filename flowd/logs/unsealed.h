/*
 * The segments of a directory that are finished and not sealed yet, the oldest
 * first. One that could not be sealed waits, longer each time, and does not
 * hold up the others; by a clock that only goes forward.
 *
 * Called by logdir.c. Test: test/unit/flowd/test_unsealed.c.
 */
#ifndef FLOWD_UNSEALED_H
#define FLOWD_UNSEALED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalogue.h"

enum {
	UNSEALED_MAX = 4096,
	UNSEALED_DELAY_FIRST_MS = 10000, /* doubled each time */
	UNSEALED_DELAY_MOST_MS = 3600000
};

/* A file in a directory, and when its flows were received. */
struct logdir_segment {
	char name[CATALOGUE_NAME]; /* "": none */
	int64_t start_sec, end_sec;
};

struct unsealed_entry {
	struct logdir_segment segment;
	unsigned failures;
	int64_t again_ms; /* not before */
};

struct unsealed {
	struct unsealed_entry *at;
	size_t n, cap;
	bool overflow; /* there are more: look the directory through again */
};

/* Zeroed memory is an empty list. */
void unsealed_fini(struct unsealed *u);

/*
 * One that is there already stays as it is. What does not fit overflows, but
 * one that failed before makes room first.
 */
void unsealed_add(struct unsealed *u, const struct logdir_segment *segment);
bool unsealed_has(const struct unsealed *u, const char *name);
void unsealed_remove(struct unsealed *u, const char *name);

/* The one to be sealed next, or NULL. */
const struct logdir_segment *unsealed_next(
    const struct unsealed *u, int64_t now_ms);
/* It could not be: when it is tried again. */
void unsealed_failed(struct unsealed *u, const char *name, int64_t now_ms);
/* When there is one to be sealed; INT64_MAX: none. */
int64_t unsealed_due(const struct unsealed *u);

#endif
