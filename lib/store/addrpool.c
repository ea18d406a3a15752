/* The addresses of a block; see addrpool.h. */
#include <stdlib.h>
#include <string.h>

#include "addrpool.h"

enum {
	SLOTS_MIN = 16 * 1024,
	RADIX_BITS = 11,
	RADIX = 1 << RADIX_BITS,
	PASSES = 3,	/* of a sort of 32 bits */
	AHEAD = 12	/* slots that are fetched before they are needed */
};

static bool
part_init(struct addrpool_part *part)
{
	part->slot = calloc(SLOTS_MIN, sizeof(*part->slot));
	part->nslots = SLOTS_MIN;
	return part->slot != NULL;
}

bool
addrpool_init(struct addrpool *pool, uint64_t seed)
{
	*pool = (struct addrpool){ .seed = seed | 1 };
	if (part_init(&pool->v4) && part_init(&pool->v6))
		return true;
	addrpool_fini(pool);
	return false;
}

static void
part_fini(struct addrpool_part *part)
{
	free(part->slot);
	free(part->number);
}

void
addrpool_fini(struct addrpool *pool)
{
	part_fini(&pool->v4);
	part_fini(&pool->v6);
	free(pool->addr4);
	free(pool->addr6);
	free(pool->rank);
	*pool = (struct addrpool){ .seed = 0 };
}

void
addrpool_reset(struct addrpool *pool)
{
	if (pool->v4.n > 0)
		memset(pool->v4.slot, 0,
		    pool->v4.nslots * sizeof(*pool->v4.slot));
	if (pool->v6.n > 0)
		memset(pool->v6.slot, 0,
		    pool->v6.nslots * sizeof(*pool->v6.slot));
	pool->v4.n = pool->v6.n = 0;
}

/*
 * A multiplication by an odd secret, and the upper bits of it: senders who do
 * not know it cannot choose addresses that collide often.
 */
static size_t
hash4(const struct addrpool *pool, uint32_t v4)
{
	uint64_t h = (v4 + (pool->seed >> 32)) * (pool->seed | 1);

	h ^= h >> 32;
	h *= UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)(h >> 32);
}

static size_t
hash6(const struct addrpool *pool, struct addr6 v6)
{
	uint64_t h = (v6.hi ^ pool->seed) * UINT64_C(0x9e3779b97f4a7c15);

	h ^= h >> 29 ^ v6.lo;
	h *= pool->seed | 1;
	h ^= h >> 32;
	h *= UINT64_C(0xd6e8feb86659fd93);
	return (size_t)(h >> 32);
}

/*
 * In a slot of IPv4: the address, and one more than its number, so that one
 * look at memory is enough; of IPv6: one more than the entry.
 */
static size_t
find4(const struct addrpool *pool, uint32_t v4)
{
	const struct addrpool_part *part = &pool->v4;
	size_t at = hash4(pool, v4) & (part->nslots - 1);

	while (part->slot[at] != 0 && part->slot[at] >> 32 != v4)
		at = (at + 1) & (part->nslots - 1);
	return at;
}

static bool
same6(struct addr6 a, struct addr6 b)
{
	return a.hi == b.hi && a.lo == b.lo;
}

static size_t
find6(const struct addrpool *pool, struct addr6 v6)
{
	const struct addrpool_part *part = &pool->v6;
	size_t at = hash6(pool, v6) & (part->nslots - 1);

	while (part->slot[at] != 0 &&
	    !same6(pool->addr6[part->slot[at] - 1], v6))
		at = (at + 1) & (part->nslots - 1);
	return at;
}

uint32_t
addrpool_put4(struct addrpool *pool, uint32_t v4)
{
	struct addrpool_part *part = &pool->v4;
	size_t at = find4(pool, v4);
	uint32_t number = (uint32_t)part->slot[at];

	if (number != 0)
		return number - 1;
	number = (uint32_t)addrpool_count(pool);
	part->number[part->n] = number;
	pool->addr4[part->n++] = v4;
	part->slot[at] = (uint64_t)v4 << 32 | (number + 1);
	return number;
}

/* The table is larger than the nearest cache: slots are asked for early. */
void
addrpool_put4_run(struct addrpool *pool, const uint32_t *v4, size_t n,
    uint32_t *numbers)
{
	size_t mask = pool->v4.nslots - 1;
	uint32_t number = 0;

	for (size_t i = 0; i < n; i++) {
		if (i + AHEAD < n)
			__builtin_prefetch(&pool->v4.slot[
			    hash4(pool, v4[i + AHEAD]) & mask]);
		if (i == 0 || v4[i] != v4[i - 1])
			number = addrpool_put4(pool, v4[i]);
		if (numbers != NULL)
			numbers[i] = number;
	}
}

uint32_t
addrpool_put6(struct addrpool *pool, struct addr6 v6)
{
	struct addrpool_part *part = &pool->v6;
	size_t at = find6(pool, v6);
	uint64_t entry = part->slot[at];

	if (entry != 0)
		return part->number[entry - 1];
	part->number[part->n] = (uint32_t)addrpool_count(pool);
	pool->addr6[part->n] = v6;
	part->slot[at] = ++part->n;
	return part->number[part->n - 1];
}

static bool
grow(void **p, size_t cap, size_t size)
{
	void *more = realloc(*p, cap * size);

	if (more != NULL)
		*p = more;
	return more != NULL;
}

/* More slots, empty ones. */
static bool
part_slots(struct addrpool_part *part, size_t nslots)
{
	uint64_t *slot;

	slot = calloc(nslots, sizeof(*slot));
	if (slot == NULL)
		return false;
	free(part->slot);
	part->slot = slot;
	part->nslots = nslots;
	return true;
}

/* Slots stay at most two thirds full. */
static size_t
slots_for(const struct addrpool_part *part, size_t n)
{
	size_t nslots = part->nslots;

	while (nslots < n + n / 2)
		nslots *= 2;
	return nslots;
}

static size_t
cap_for(const struct addrpool_part *part, size_t n)
{
	size_t cap = part->cap != 0 ? part->cap : SLOTS_MIN / 2;

	while (cap < n)
		cap *= 2;
	return cap;
}

static bool
reserve4(struct addrpool *pool, size_t n)
{
	struct addrpool_part *part = &pool->v4;
	size_t cap = cap_for(part, part->n + n);
	size_t nslots = slots_for(part, part->n + n);

	if (cap != part->cap &&
	    (!grow((void **)&pool->addr4, cap, sizeof(*pool->addr4)) ||
		!grow((void **)&part->number, cap, sizeof(*part->number))))
		return false;
	part->cap = cap;
	if (nslots == part->nslots)
		return true;
	if (!part_slots(part, nslots))
		return false;
	for (size_t i = 0; i < part->n; i++)
		part->slot[find4(pool, pool->addr4[i])] =
		    (uint64_t)pool->addr4[i] << 32 | (part->number[i] + 1);
	return true;
}

static bool
reserve6(struct addrpool *pool, size_t n)
{
	struct addrpool_part *part = &pool->v6;
	size_t cap = cap_for(part, part->n + n);
	size_t nslots = slots_for(part, part->n + n);

	if (cap != part->cap &&
	    (!grow((void **)&pool->addr6, cap, sizeof(*pool->addr6)) ||
		!grow((void **)&part->number, cap, sizeof(*part->number))))
		return false;
	part->cap = cap;
	if (nslots == part->nslots)
		return true;
	if (!part_slots(part, nslots))
		return false;
	for (size_t i = 0; i < part->n; i++)
		part->slot[find6(pool, pool->addr6[i])] = i + 1;
	return true;
}

bool
addrpool_reserve(struct addrpool *pool, size_t n)
{
	return reserve4(pool, n) && reserve6(pool, n);
}

/* Keys above, entries below, by the upper half: a few passes of counting. */
static void
sort_keys(uint64_t *keys, uint64_t *room, size_t n)
{
	for (unsigned pass = 0; pass < PASSES; pass++) {
		unsigned shift = 32 + pass * RADIX_BITS;
		size_t count[RADIX] = { 0 }, at = 0;
		uint64_t *swap = keys;

		for (size_t i = 0; i < n; i++)
			count[keys[i] >> shift & (RADIX - 1)]++;
		for (size_t i = 0; i < RADIX; i++) {
			size_t here = count[i];

			count[i] = at;
			at += here;
		}
		for (size_t i = 0; i < n; i++)
			room[count[keys[i] >> shift & (RADIX - 1)]++] =
			    keys[i];
		keys = room;
		room = swap;
	}
}

static bool
sort4(struct addrpool *pool)
{
	size_t n = pool->v4.n;
	uint64_t *keys = malloc(2 * (n + 1) * sizeof(*keys));
	uint64_t *sorted = keys + n; /* an odd number of passes */

	if (keys == NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		keys[i] = (uint64_t)pool->addr4[i] << 32 | i;
	sort_keys(keys, sorted, n);
	for (size_t i = 0; i < n; i++) {
		uint32_t entry = (uint32_t)sorted[i];

		pool->addr4[i] = (uint32_t)(sorted[i] >> 32);
		pool->rank[pool->v4.number[entry]] = (uint32_t)i;
	}
	free(keys);
	return true;
}

struct numbered6 {
	struct addr6 addr;
	uint32_t number;
};

static int
compare6(const void *a, const void *b)
{
	struct addr6 x = ((const struct numbered6 *)a)->addr;
	struct addr6 y = ((const struct numbered6 *)b)->addr;

	if (x.hi != y.hi)
		return x.hi < y.hi ? -1 : 1;
	return x.lo < y.lo ? -1 : x.lo > y.lo;
}

static bool
sort6(struct addrpool *pool)
{
	size_t n = pool->v6.n;
	struct numbered6 *all = malloc((n + 1) * sizeof(*all));

	if (all == NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		all[i] = (struct numbered6){ pool->addr6[i],
			pool->v6.number[i] };
	qsort(all, n, sizeof(*all), compare6);
	for (size_t i = 0; i < n; i++) {
		pool->addr6[i] = all[i].addr;
		pool->rank[all[i].number] = (uint32_t)(pool->v4.n + i);
	}
	free(all);
	return true;
}

bool
addrpool_sort(struct addrpool *pool)
{
	size_t n = addrpool_count(pool);

	if (n > pool->rank_cap) {
		if (!grow((void **)&pool->rank, n, sizeof(*pool->rank)))
			return false;
		pool->rank_cap = n;
	}
	return sort4(pool) && sort6(pool);
}
