/* Pools and usages; see pool.h. Test: test/unit/decode/test_pool.c. */
#include "pool.h"

void
pool_init(struct pool *pool, size_t limit)
{
	*pool = (struct pool) { .limit = limit,
		.settled_limit = limit - limit / POOL_RESERVE };
	for (int rank = 0; rank < RANKS; rank++)
		for (int size = 0; size < POOL_SIZES; size++)
			list_init(&pool->sizes[rank][size]);
}

void
pool_usage_init(struct pool_usage *usage, void *owner)
{
	*usage = (struct pool_usage) { .owner = owner };
	list_init(&usage->link);
}

/* The class of an amount: its highest bit. */
static int
size_class(uint64_t amount)
{
	return 63 - __builtin_clzll(amount);
}

static void
usage_unlink(struct pool *pool, struct pool_usage *usage)
{
	int size;

	if (usage->amount == 0)
		return;
	size = size_class(usage->amount);
	list_remove(&usage->link);
	if (list_empty(&pool->sizes[usage->rank][size]))
		pool->filled[usage->rank] &= ~(UINT64_C(1) << size);
}

static void
usage_link(struct pool *pool, struct pool_usage *usage)
{
	int size;

	if (usage->amount == 0)
		return;
	size = size_class(usage->amount);
	list_insert_first(&pool->sizes[usage->rank][size], &usage->link);
	pool->filled[usage->rank] |= UINT64_C(1) << size;
}

static void
usage_set(struct pool *pool, struct pool_usage *usage, size_t amount)
{
	pool->amount += amount - usage->amount;
	if (usage->rank == RANK_SETTLED)
		pool->settled += amount - usage->amount;
	if (amount > 0 && usage->amount > 0 &&
	    size_class(amount) == size_class(usage->amount)) {
		usage->amount = amount;
		return;
	}
	usage_unlink(pool, usage);
	usage->amount = amount;
	usage_link(pool, usage);
}

void
pool_add(struct pool *pool, struct pool_usage *usage, size_t n)
{
	usage_set(pool, usage, usage->amount + n);
}

void
pool_sub(struct pool *pool, struct pool_usage *usage, size_t n)
{
	usage_set(pool, usage, usage->amount - n);
}

void
pool_rank(struct pool *pool, struct pool_usage *usage, enum rank rank)
{
	usage_unlink(pool, usage);
	if (usage->rank == RANK_SETTLED)
		pool->settled -= usage->amount;
	usage->rank = (uint8_t)rank;
	if (usage->rank == RANK_SETTLED)
		pool->settled += usage->amount;
	usage_link(pool, usage);
}

/* The largest usage of a rank that has any; the first to reach its class. */
static struct pool_usage *
pool_largest(const struct pool *pool, int rank)
{
	return LIST_ENTRY(
	    pool->sizes[rank][size_class(pool->filled[rank])].prev,
	    struct pool_usage, link);
}

struct pool_usage *
pool_victim(const struct pool *pool, struct pool_usage *usage, size_t n)
{
	bool shared = pool_reserve_is_free(pool, usage, n);

	if (n == 0 || n > (usage->rank < RANK_SETTLED ? pool->limit
						      : pool->settled_limit))
		return NULL;
	if (!shared && usage->rank < RANK_SETTLED)
		return pool_largest(pool, RANK_SETTLED);
	for (int rank = shared ? 0 : RANK_SETTLED; rank <= usage->rank;
	    rank++) {
		if (pool->filled[rank] == 0)
			continue;
		if (rank == usage->rank && size_class(usage->amount + n) >=
		    size_class(pool->filled[rank]))
			break;
		return pool_largest(pool, rank);
	}
	return usage->amount > 0 ? usage : NULL;
}
