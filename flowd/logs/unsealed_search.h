/*
 * The search of a directory for segments that are not sealed, which a crash or
 * another program left. It examines some segments per call, so that a large
 * directory does not block the parent.
 *
 * Called by logdir.c.
 * Test: test/unit/flowd/logs/test_unsealed_search.c.
 */
#ifndef FLOWD_UNSEALED_SEARCH_H
#define FLOWD_UNSEALED_SEARCH_H

#include "result.h"
#include "unsealed.h"

enum { UNSEALED_SEARCH_SOME = 512 /* segments examined per call */ };

struct unsealed_search {
	bool under_way;
	/* the last segment that was examined; the order is that of time */
	int64_t start_sec;
	uint32_t number;
};

/* Start from the oldest segment. */
void unsealed_search_begin(struct unsealed_search *s);
/*
 * Examine the next segments of a directory, except those with these two names,
 * which are in use, and add unsealed ones to the list. Clears under_way at the
 * end. Returns 0, or a negative FLOWD_E* with err set: then the search has
 * ended.
 */
int unsealed_search_next(struct unsealed_search *s, struct unsealed *unsealed,
    int dirfd, const char *const in_use[2], struct flowd_error *err);

#endif
