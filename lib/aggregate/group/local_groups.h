/*
 * The groups of one thread: few enough to stay in its cache. When there is no
 * room for more they go to the partitions that all threads share, through
 * buffers, and others take their place.
 *
 * Used by aggregate_run.c. Test: test/unit/aggregate/
 * test_aggregate_run.c.
 */
#ifndef FLOWD_LOCAL_GROUPS_H
#define FLOWD_LOCAL_GROUPS_H

#include "code_groups.h"
#include "state_update.h"

/* A group by its key. */
struct local_group {
	uint64_t hash;
	bool general; /* its key is */
};

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
	struct local_group *list; /* each */
	uint32_t *slot; /* a hash table: group + 1; 0: free */
	bool hashed; /* groups were looked for since it was empty */
	size_t nparts; /* of flows, since it was empty */
	size_t unique; /* more parts that go to buffers without looking for
			* their groups, as keys hardly repeat */

	/* Groups by the codes of one part. */
	struct code_groups coded[CODE_GROUPS];
	unsigned next_coded; /* the one that is replaced next */

	struct group_buffers buffers[2]; /* for plain keys, and for general */
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
