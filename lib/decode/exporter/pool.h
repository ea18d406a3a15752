/*
 * Pools: memory, or a number of objects, that all exporters share up to a
 * limit; and the usage of each exporter.
 *
 * When a pool is full, pool_victim() selects who must give something back: the
 * exporter of the lowest rank that uses most, within a factor of two. Nobody
 * takes from a higher rank, and the largest user of its own rank pays itself.
 * So those who cause a flood pay for it.
 *
 * An eighth is reserved for unsettled exporters, so that nobody can lock them
 * out: settled ones give back what they use of it first.
 *
 * All operations take constant time. early.c, exporters.c, option_name.c,
 * scoped_store.c, stream.c and template_store.c use it.
 * Test: test/unit/decode/test_pool.c.
 */
#ifndef FLOWD_POOL_H
#define FLOWD_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "list.h"

/* The rank of an exporter; see exporter.h. */
enum rank {
	RANK_STRANGER,		/* sent once, or no flow yet */
	RANK_NEWCOMER,		/* sent flows, and continued */
	RANK_SETTLED,		/* did so for some time */
	RANKS
};

enum {
	POOL_RESERVE = 8,		/* the fraction for the unsettled */
	POOL_SIZES = 64		/* size classes, by powers of two */
};

struct pool_usage {
	struct list link;	/* of its rank and size class; none if 0 */
	void *owner;		/* the exporter */
	size_t amount;
	uint8_t rank;		/* enum rank */
};

struct pool {
	size_t amount;		/* of all exporters */
	size_t settled;		/* of settled exporters */
	size_t limit;
	size_t settled_limit;
	uint64_t filled[RANKS];	/* a bit for each non-empty size class */
	struct list sizes[RANKS][POOL_SIZES];
};

void pool_init(struct pool *pool, size_t limit);
/* Initialises an empty usage of a stranger. */
void pool_usage_init(struct pool_usage *usage, void *owner);

/* Adds n to the usage, or subtracts it. */
void pool_add(struct pool *pool, struct pool_usage *usage, size_t n);
void pool_sub(struct pool *pool, struct pool_usage *usage, size_t n);
void pool_rank(struct pool *pool, struct pool_usage *usage, enum rank rank);

/* Whether settled exporters leave the reserve free if the usage grows by n. */
static inline bool
pool_reserve_is_free(
    const struct pool *pool, const struct pool_usage *usage, size_t n)
{
	if (usage->rank < RANK_SETTLED)
		n = 0;
	return pool->settled <= pool->settled_limit &&
	    n <= pool->settled_limit - pool->settled;
}

/* Whether the usage can grow by n within the limits. */
static inline bool
pool_has_room(const struct pool *pool, const struct pool_usage *usage, size_t n)
{
	if (pool->amount > pool->limit || n > pool->limit - pool->amount)
		return false;
	return usage->rank < RANK_SETTLED ||
	    pool_reserve_is_free(pool, usage, n);
}

/*
 * Whose usage must shrink so that usage can grow by n; it may be usage itself.
 * NULL: it cannot have so much. Call again until there is room.
 */
struct pool_usage *pool_victim(
    const struct pool *pool, struct pool_usage *usage, size_t n);

#endif
