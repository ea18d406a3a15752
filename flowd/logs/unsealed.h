/*
 * Finished segments of a directory that are not sealed yet, the oldest first.
 * One that failed is retried after growing delays, and does not block the
 * others.
 *
 * Called by logdir.c, logdir_seal.c and unsealed_search.c. Test:
 * test/unit/flowd/logs/test_unsealed.c.
 */
#ifndef FLOWD_UNSEALED_H
#define FLOWD_UNSEALED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalogue.h"

enum {
	UNSEALED_MAX = 4096,
	UNSEALED_DELAY_FIRST_MS = 10000, /* doubled with each failure */
	UNSEALED_DELAY_MOST_MS = 3600000
};

/* A file of a logdir, and when its flows were received. */
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
	bool overflow; /* there are more in the directory */
};

/* Zeroed memory is an empty list. */
void unsealed_fini(struct unsealed *u);

/*
 * Add a segment, unless it is in the list. When the list is full, one that has
 * failed is replaced, or overflow is set.
 */
void unsealed_add(struct unsealed *u, const struct logdir_segment *segment);
bool unsealed_has(const struct unsealed *u, const char *name);
void unsealed_remove(struct unsealed *u, const char *name);

/* The next segment to seal, or NULL. */
const struct logdir_segment *unsealed_next(
    const struct unsealed *u, int64_t now_ms);
/* Sealing failed: schedule a retry. */
void unsealed_failed(struct unsealed *u, const char *name, int64_t now_ms);
/* When a segment is due; INT64_MAX: none. */
int64_t unsealed_due(const struct unsealed *u);

#endif
