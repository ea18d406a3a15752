/*
 * Pools: memory, or a number of things, that all exporters share up to a
 * limit; and stakes, what each exporter has of one.
 *
 * When a pool is full, pool_payer() names who has to give something back: of
 * those of the lowest rank it is who has most, within a factor of two. Nobody
 * takes from a higher rank; and who has most of its own rank pays itself. So
 * a flood is paid for by those who make it.
 *
 * An eighth is for those who are not settled yet, so that nobody can lock them
 * out: what the settled have beyond the rest they give back first.
 *
 * Each operation costs the same however many exporters there are.
 * Called by stream.c, template_store.c, option_name.c and early.c.
 * Test: test/unit/decode/test_pool.c.
 */
#ifndef FLOWD_POOL_H
#define FLOWD_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "list.h"

/* How much an exporter has shown of itself; see exporter.h. */
enum rank {
	RANK_STRANGER,		/* came once, or brought no flow yet */
	RANK_NEWCOMER,		/* brought flows, and went on */
	RANK_SETTLED,		/* did so for some time */
	RANKS
};

enum {
	POOL_RESERVE = 8,		/* one of so many is for the unsettled */
	POOL_SIZES = 64		/* classes of size, by powers of two */
};

struct pool_usage {
	struct list link;	/* of its rank and size; of none if 0 */
	void *owner;		/* the exporter */
	size_t amount;
	uint8_t rank;		/* enum rank */
};

struct pool {
	size_t amount;		/* of all stakes */
	size_t settled;		/* of those that are settled */
	size_t limit;
	size_t settled_limit;
	uint64_t filled[RANKS];	/* a bit for each size that has stakes */
	struct list sizes[RANKS][POOL_SIZES];
};

void pool_init(struct pool *pool, size_t limit);
/* An empty stake of a stranger. */
void pool_usage_init(struct pool_usage *usage, void *owner);

/* The stake becomes larger by n, or smaller. */
void pool_add(struct pool *pool, struct pool_usage *usage, size_t n);
void pool_sub(struct pool *pool, struct pool_usage *usage, size_t n);
void pool_rank(struct pool *pool, struct pool_usage *usage, enum rank rank);

/* What the settled may have when the stake has n more. */
static inline bool
pool_reserve_is_free(
    const struct pool *pool, const struct pool_usage *usage, size_t n)
{
	if (usage->rank < RANK_SETTLED)
		n = 0;
	return pool->settled <= pool->settled_limit &&
	    n <= pool->settled_limit - pool->settled;
}

/* True when n more of the stake are within the limit. */
static inline bool
pool_has_room(const struct pool *pool, const struct pool_usage *usage, size_t n)
{
	if (pool->amount > pool->limit || n > pool->limit - pool->amount)
		return false;
	return usage->rank < RANK_SETTLED ||
	    pool_reserve_is_free(pool, usage, n);
}

/*
 * Who has to give something back so that stake can grow by n, it may be stake
 * itself; or NULL when it cannot have so much. Ask again until there is room.
 */
struct pool_usage *pool_victim(
    const struct pool *pool, struct pool_usage *usage, size_t n);

#endif
