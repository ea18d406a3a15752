/* Pools and stakes; see pool.h. Test: test/unit/decode/test_pool.c. */
#include "pool.h"

void
pool_init(struct pool *pool, size_t limit)
{
	*pool = (struct pool) { .limit = limit,
		.settled_limit = limit - limit / POOL_SHARE };
	for (int rank = 0; rank < RANKS; rank++)
		for (int size = 0; size < POOL_SIZES; size++)
			list_init(&pool->sizes[rank][size]);
}

void
stake_init(struct stake *stake, void *owner)
{
	*stake = (struct stake) { .owner = owner };
	list_init(&stake->link);
}

/* The class of an amount: the number of its highest bit. */
static int
size_of(uint64_t amount)
{
	return 63 - __builtin_clzll(amount);
}

static void
stake_unlink(struct pool *pool, struct stake *stake)
{
	int size;

	if (stake->amount == 0)
		return;
	size = size_of(stake->amount);
	list_remove(&stake->link);
	if (list_empty(&pool->sizes[stake->rank][size]))
		pool->filled[stake->rank] &= ~(UINT64_C(1) << size);
}

static void
stake_link(struct pool *pool, struct stake *stake)
{
	int size;

	if (stake->amount == 0)
		return;
	size = size_of(stake->amount);
	list_insert_first(&pool->sizes[stake->rank][size], &stake->link);
	pool->filled[stake->rank] |= UINT64_C(1) << size;
}

static void
stake_set(struct pool *pool, struct stake *stake, size_t amount)
{
	pool->amount += amount - stake->amount;
	if (stake->rank == RANK_SETTLED)
		pool->settled += amount - stake->amount;
	if (amount > 0 && stake->amount > 0 &&
	    size_of(amount) == size_of(stake->amount)) {
		stake->amount = amount;
		return;
	}
	stake_unlink(pool, stake);
	stake->amount = amount;
	stake_link(pool, stake);
}

void
pool_add(struct pool *pool, struct stake *stake, size_t n)
{
	stake_set(pool, stake, stake->amount + n);
}

void
pool_sub(struct pool *pool, struct stake *stake, size_t n)
{
	stake_set(pool, stake, stake->amount - n);
}

void
pool_rank(struct pool *pool, struct stake *stake, enum rank rank)
{
	stake_unlink(pool, stake);
	if (stake->rank == RANK_SETTLED)
		pool->settled -= stake->amount;
	stake->rank = (uint8_t)rank;
	if (stake->rank == RANK_SETTLED)
		pool->settled += stake->amount;
	stake_link(pool, stake);
}

/* Of a rank that has something, who has most; the last that came to it. */
static struct stake *
pool_most(const struct pool *pool, int rank)
{
	return LIST_ENTRY(
	    pool->sizes[rank][size_of(pool->filled[rank])].prev, struct stake,
	    link);
}

struct stake *
pool_payer(const struct pool *pool, struct stake *stake, size_t n)
{
	bool shared = pool_is_shared(pool, stake, n);

	if (n == 0 || n > (stake->rank < RANK_SETTLED ? pool->limit
						      : pool->settled_limit))
		return NULL;
	if (!shared && stake->rank < RANK_SETTLED)
		return pool_most(pool, RANK_SETTLED);
	for (int rank = shared ? 0 : RANK_SETTLED; rank <= stake->rank;
	    rank++) {
		if (pool->filled[rank] == 0)
			continue;
		if (rank == stake->rank && size_of(stake->amount + n) >=
		    size_of(pool->filled[rank]))
			break;
		return pool_most(pool, rank);
	}
	return stake->amount > 0 ? stake : NULL;
}
