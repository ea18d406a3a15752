/*
 * Groups are sorted by partition, so that each partition is locked once for
 * many of them, and finds them side by side.
 *
 * Used by local_groups.c. Test: test/unit/aggregate/test_group_sort.c.
 */
#ifndef FLOWD_GROUP_SORT_H
#define FLOWD_GROUP_SORT_H

#include "partition.h"

/* A group of a thread. */
struct group {
	uint64_t hash; /* of its key */
	bool general; /* its key is */
	const uint64_t *key;
	uint64_t *state;
};

struct group_sort {
	const struct group_layout *layout;
	size_t cap; /* groups that there is room for */
	uint64_t *rows;
};

/* layout is borrowed. */
void group_sort_init(struct group_sort *s, const struct group_layout *layout);
void group_sort_fini(struct group_sort *s);

/*
 * Give n groups to their partitions. What their states point to is taken over,
 * or freed on failure. Returns 0, or FLOWD_ENOMEM or FLOWD_EIO with err set.
 */
int group_sort_give(struct group_sort *s, const struct group *list, size_t n,
    struct partitions *to, struct flowd_error *err);

#endif
