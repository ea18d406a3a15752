/*
 * The groups of one thread: few enough to stay in its cache. When there is no
 * room for more they go to the partitions that all threads share, and others
 * take their place.
 *
 * Used by aggregate_run.c. Test: test/unit/aggregate/test_aggregate.c.
 */
#ifndef FLOWD_LOCAL_GROUPS_H
#define FLOWD_LOCAL_GROUPS_H

#include "code_groups.h"
#include "group_buffers.h"
#include "state_update.h"

enum {
	CODE_GROUPS = 4 /* keys of which one part varies, at a time */
};

struct local_groups {
	const struct group_layout *layout;
	struct partitions *partitions;

	/* Groups by their keys. */
	size_t n;
	uint64_t *key; /* layout->keys.general_words of each */
	uint64_t *state; /* layout->states.n of each */
	struct group *list;
	uint32_t *slot; /* a hash table: group + 1; 0: free */
	bool hashed; /* groups were looked for since it was empty */
	size_t nparts; /* of flows, since it was empty */

	/* Groups that are not looked for, as keys hardly repeat. */
	struct group_buffers buffers;
	size_t unique; /* more parts to be taken so */

	/* Groups by the codes of one part, and those of one as a list. */
	struct code_groups coded[CODE_GROUPS];
	unsigned next_coded; /* the one that is replaced next */
	struct group *coded_list;
	uint64_t *coded_key;
	size_t coded_cap;

	struct group_sort sort;
	size_t nvalues; /* parts since all was given away */
	uint32_t *group; /* of each part at hand, by key */
	struct states_update update; /* of the groups of these parts */
};

/* layout and partitions are borrowed. False when out of memory. */
bool local_groups_init(struct local_groups *g,
    const struct group_layout *layout, struct partitions *partitions);
void local_groups_fini(struct local_groups *g);

/*
 * Add parts of flows, whose keys are given, and the columns of their batch. 0
 * or a negative FLOWD_E*, with err.
 */
int local_groups_take(struct local_groups *g, struct key_values *keys,
    const struct inputs *in, const struct flow_parts *parts,
    struct flowd_error *err);
/* Add a group by its key and its states, which point to nothing. The same. */
int local_groups_put(struct local_groups *g, const uint64_t *key,
    bool general, const uint64_t *state, struct flowd_error *err);
/* Give them all away, and have none. The same. */
int local_groups_flush(struct local_groups *g, struct flowd_error *err);

#endif
