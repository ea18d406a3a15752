/*
 * The groups of one thread: few enough to stay in its cache. When there is no
 * room for more they go to the partitions that all threads share, and others
 * take their place.
 *
 * Used by aggregate_run.c. Test: test/unit/aggregate/test_aggregate.c.
 */
#ifndef FLOWD_LOCAL_GROUPS_H
#define FLOWD_LOCAL_GROUPS_H

#include "key_values.h"
#include "partition.h"

enum {
	LOCAL_GROUPS = 32768,
	LOCAL_VALUES = 1 << 18 /* of measures that keep values */
};

enum {
	CODE_MAPS = 4
};

/*
 * Groups by the code of the one part of the key that varies: for one part, one
 * table of addresses, and one value of the others.
 */
struct code_map {
	size_t ncodes; /* 0: it is of nothing */
	unsigned part;
	uint64_t table; /* address_table.serial */
	uint64_t rest[KEY_WORDS]; /* the key, were the part 0 */
	bool general; /* such a key is */
	uint32_t *group; /* of each code, + 1; 0: none yet */
	size_t cap;
};

struct local_groups {
	const struct group_layout *layout;
	size_t n, cap;
	size_t added; /* parts since it was empty */
	uint64_t *key; /* layout->key_words of each */
	uint64_t *state; /* layout->states->n of each */
	uint64_t *hash;
	uint8_t *general; /* whether its key is */
	uint32_t *slot; /* a hash table: group + 1; 0: free */
	struct code_map map[CODE_MAPS];
	unsigned next_map;
	unsigned unique; /* more times to fill it without looking for groups
			  * that are there, as keys hardly repeat */
	bool hashed; /* groups were looked for since it was empty */
	struct group *sorted; /* by partition, on their way there */
	uint64_t *moved; /* their keys and states */
	uint32_t *group; /* of each part at hand */
	bool one; /* all parts at hand are of the first one's group */
};

/* layout is borrowed. False when out of memory. */
bool local_groups_init(
    struct local_groups *g, const struct group_layout *layout);
void local_groups_fini(struct local_groups *g);

/*
 * Is there room for the groups that so many parts may be of, and for the
 * values that are kept of them?
 */
static inline bool
local_groups_fit(const struct local_groups *g, size_t nparts)
{
	size_t cap = g->unique > 0 ? g->cap : LOCAL_GROUPS;

	return cap - g->n >= nparts &&
	    (g->layout->states.additive || g->added < LOCAL_VALUES);
}

/* Find the group of each part by its key. There is room. False: no memory. */
bool local_groups_find(struct local_groups *g, struct key_values *keys);
/*
 * Add a group by its key and its states, which point to nothing. There is room
 * for one.
 */
void local_groups_put(struct local_groups *g, const uint64_t *key,
    bool general, const uint64_t *state);
/* Bring their states up to date. False when out of memory. */
bool local_groups_update(struct local_groups *g, const struct inputs *in,
    const struct flow_parts *parts);

/* Give them all away, and have none. 0 or a negative FLOWD_E*, with err. */
int local_groups_flush(struct local_groups *g, struct partitions *to,
    struct flowd_error *err);

#endif
