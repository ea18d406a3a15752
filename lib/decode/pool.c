/* Pools and stakes; see pool.h. Test: test/unit/decode/test_pool.c. */
#include "pool.h"

void
pool_init(struct pool *pool, size_t limit)
{
	*pool = (struct pool) { .limit = limit };
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
	stake->rank = (uint8_t)rank;
	stake_link(pool, stake);
}

struct stake *
pool_payer(const struct pool *pool, struct stake *stake, size_t n)
{
	int size;

	if (n == 0 || n > pool->limit)
		return NULL;
	for (int rank = 0; rank <= stake->rank; rank++) {
		if (pool->filled[rank] == 0)
			continue;
		size = size_of(pool->filled[rank]);
		if (rank == stake->rank && size_of(stake->amount + n) >= size)
			break;
		return LIST_ENTRY(pool->sizes[rank][size].prev, struct stake,
		    link);
	}
	return stake->amount > 0 ? stake : NULL;
}
