/*
 * What an aggregate is made of; for aggregate_run.c, which takes flows in, and
 * aggregate_result.c, which says what came of them.
 */
#ifndef FLOWD_AGGREGATE_STATE_H
#define FLOWD_AGGREGATE_STATE_H

#include "aggregate.h"
#include "local_groups.h"

struct aggregate_group {
	const struct octets_pool *pool; /* of the aggregate */
	atomic_uint seen; /* bitmap of elements in the key that flows had */
	struct aggregate_output output;
	struct key key; /* of the output, behind the bin if there are bins */
	struct group_layout layout;
	struct partitions partitions;
	struct time_bins bins;
	size_t result_memory; /* of the plan */
	/*
	 * Flows count for two groups: another output has them once, for the
	 * total. NULL: the total is that of the groups.
	 */
	struct aggregate_group *once;
};

struct aggregate {
	struct zone zone;
	bool scale;
	unsigned n, nasked; /* outputs, and those of the plan */
	struct aggregate_group *group; /* n */
	struct group_memory memory;
	struct group_file file;
	struct octets_pool pool;
	bool wanted[INPUT_COUNT];
	struct aggregate_notes notes;
};

#endif
