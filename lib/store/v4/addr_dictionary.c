/* The addresses of a block; see addr_dictionary.h. */
#include <stdlib.h>
#include <string.h>

#include "addr_dictionary.h"

enum {
	SLOTS_MIN_LOG2 = 14,
	ENTRIES_MIN = 8 * 1024,
	RADIX_BITS = 11,
	RADIX = 1 << RADIX_BITS,
	DIGITS4 = 3,	/* of an address, when it is sorted */
	DIGITS6 = 6,	/* of each half */
	CHUNK = 256	/* addresses whose slots are fetched at a time */
};

static bool
part_init(struct addr_dictionary_part *part)
{
	part->nslots = (size_t)1 << SLOTS_MIN_LOG2;
	part->shift = 64 - SLOTS_MIN_LOG2;
	part->slot = calloc(part->nslots, sizeof(*part->slot));
	return part->slot != NULL;
}

/* Pseudo-random numbers from any seed (splitmix64). */
static uint64_t
next_secret(uint64_t *seed)
{
	uint64_t v = *seed += UINT64_C(0x9e3779b97f4a7c15);

	v = (v ^ v >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	v = (v ^ v >> 27) * UINT64_C(0x94d049bb133111eb);
	return v ^ v >> 31;
}

bool
addr_dictionary_init(struct addr_dictionary *pool, uint64_t seed)
{
	*pool = (struct addr_dictionary){ .rank = NULL };
	pool->secret[0] = next_secret(&seed);
	pool->secret[1] = next_secret(&seed) | 1;
	pool->secret[2] = next_secret(&seed) | 1;
	if (part_init(&pool->v4) && part_init(&pool->v6))
		return true;
	addr_dictionary_fini(pool);
	return false;
}

static void
part_fini(struct addr_dictionary_part *part)
{
	free(part->slot);
	free(part->number);
}

void
addr_dictionary_fini(struct addr_dictionary *pool)
{
	part_fini(&pool->v4);
	part_fini(&pool->v6);
	free(pool->addr4);
	free(pool->addr6);
	free(pool->rank);
	free(pool->room);
	*pool = (struct addr_dictionary){ .rank = NULL };
}

void
addr_dictionary_reset(struct addr_dictionary *pool)
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
 * Multiplies by an odd secret and takes the upper bits: senders who do not know
 * the secret cannot choose colliding addresses.
 */
static uint64_t
addr4_hash(const struct addr_dictionary *pool, uint32_t v4)
{
	return (v4 ^ pool->secret[0]) * pool->secret[1];
}

static uint64_t
addr6_hash(const struct addr_dictionary *pool, struct addr6 v6)
{
	uint64_t h = (v6.hi ^ pool->secret[0]) * pool->secret[1];

	h = (h ^ h >> 32 ^ v6.lo) * pool->secret[2];
	h = (h ^ h >> 32) * pool->secret[1];
	return h;
}

/*
 * An IPv4 slot holds the address and its number + 1, so that one memory access
 * is enough. Returns its slot, or the free one for it.
 */
static size_t
addr4_slot(const struct addr_dictionary_part *part, uint32_t v4, size_t at)
{
	while (part->slot[at] != 0 && part->slot[at] >> 32 != v4)
		at = (at + 1) & (part->nslots - 1);
	return at;
}

/* The number of an address, searched from a slot on. */
static uint32_t
addr4_put(struct addr_dictionary *pool, uint32_t v4, size_t at)
{
	struct addr_dictionary_part *part = &pool->v4;
	uint32_t number;

	at = addr4_slot(part, v4, at);
	if (part->slot[at] != 0)
		return (uint32_t)part->slot[at] - 1;
	number = (uint32_t)addr_dictionary_count(pool);
	part->number[part->n] = number;
	pool->addr4[part->n++] = v4;
	part->slot[at] = (uint64_t)v4 << 32 | (number + 1);
	return number;
}

uint32_t
addr_dictionary_put4(struct addr_dictionary *pool, uint32_t v4)
{
	return addr4_put(pool, v4, addr4_hash(pool, v4) >> pool->v4.shift);
}

static bool
addr6_same(struct addr6 a, struct addr6 b)
{
	return a.hi == b.hi && a.lo == b.lo;
}

/*
 * An IPv6 slot holds the lower half of the hash and the entry + 1; the entry is
 * read only if that half matches.
 */
static size_t
addr6_slot(const struct addr_dictionary *pool, struct addr6 v6, uint64_t hash)
{
	const struct addr_dictionary_part *part = &pool->v6;
	size_t at = hash >> part->shift;

	while (part->slot[at] != 0 &&
	    (part->slot[at] >> 32 != (uint32_t)hash ||
		!addr6_same(pool->addr6[(uint32_t)part->slot[at] - 1], v6)))
		at = (at + 1) & (part->nslots - 1);
	return at;
}

static uint32_t
addr6_put(struct addr_dictionary *pool, struct addr6 v6, uint64_t hash)
{
	struct addr_dictionary_part *part = &pool->v6;
	size_t at = addr6_slot(pool, v6, hash);
	uint32_t entry = (uint32_t)part->slot[at];

	if (entry != 0)
		return part->number[entry - 1];
	part->number[part->n] = (uint32_t)addr_dictionary_count(pool);
	pool->addr6[part->n] = v6;
	part->slot[at] = hash << 32 | ++part->n;
	return part->number[part->n - 1];
}

uint32_t
addr_dictionary_put6(struct addr_dictionary *pool, struct addr6 v6)
{
	return addr6_put(pool, v6, addr6_hash(pool, v6));
}

/*
 * The table exceeds the L1 cache, so the slots of a chunk are prefetched.
 * Mostly the first slot is the right one, and that test is the only
 * unpredictable branch.
 */
static void
put4_chunk(struct addr_dictionary *pool, const uint32_t *v4, size_t n,
    uint32_t *numbers)
{
	const struct addr_dictionary_part *part = &pool->v4;
	uint32_t at[CHUNK];

	for (size_t i = 0; i < n; i++) {
		at[i] = (uint32_t)(addr4_hash(pool, v4[i]) >> part->shift);
		__builtin_prefetch(&part->slot[at[i]]);
	}
	for (size_t i = 0; i < n; i++) {
		uint64_t slot = part->slot[at[i]];

		if (slot != 0 && slot >> 32 == v4[i])
			numbers[i] = (uint32_t)slot - 1;
		else
			numbers[i] = addr4_put(pool, v4[i], at[i]);
	}
}

/* Prefetches entries, too, because a slot does not hold the whole address. */
static void
put6_chunk(struct addr_dictionary *pool, const struct addr6 *v6, size_t n,
    uint32_t *numbers)
{
	const struct addr_dictionary_part *part = &pool->v6;
	uint64_t hash[CHUNK];

	for (size_t i = 0; i < n; i++) {
		hash[i] = addr6_hash(pool, v6[i]);
		__builtin_prefetch(&part->slot[hash[i] >> part->shift]);
	}
	for (size_t i = 0; i < n; i++) {
		uint32_t entry =
		    (uint32_t)part->slot[hash[i] >> part->shift];

		entry -= entry != 0;
		__builtin_prefetch(&pool->addr6[entry]);
		__builtin_prefetch(&part->number[entry]);
	}
	for (size_t i = 0; i < n; i++)
		numbers[i] = addr6_put(pool, v6[i], hash[i]);
}

void
addr_dictionary_put4_run(struct addr_dictionary *pool, const uint32_t *v4,
    size_t n, uint32_t *numbers)
{
	uint32_t unwanted[CHUNK];

	for (size_t at = 0; at < n; at += CHUNK)
		put4_chunk(pool, v4 + at, n - at < CHUNK ? n - at : CHUNK,
		    numbers != NULL ? numbers + at : unwanted);
}

void
addr_dictionary_put6_run(struct addr_dictionary *pool, const struct addr6 *v6,
    size_t n, uint32_t *numbers)
{
	uint32_t unwanted[CHUNK];

	for (size_t at = 0; at < n; at += CHUNK)
		put6_chunk(pool, v6 + at, n - at < CHUNK ? n - at : CHUNK,
		    numbers != NULL ? numbers + at : unwanted);
}

static bool
array_grow(void **p, size_t cap, size_t size)
{
	void *more = realloc(*p, cap * size);

	if (more != NULL)
		*p = more;
	return more != NULL;
}

/* Replaces the slots by nslots empty ones. */
static bool
part_slots(struct addr_dictionary_part *part, size_t nslots)
{
	uint64_t *slot;

	slot = calloc(nslots, sizeof(*slot));
	if (slot == NULL)
		return false;
	free(part->slot);
	part->slot = slot;
	for (; part->nslots < nslots; part->nslots *= 2)
		part->shift--;
	return true;
}

/* Slots stay at most two thirds full. */
static size_t
slots_for(const struct addr_dictionary_part *part, size_t n)
{
	size_t nslots = part->nslots;

	while (nslots < n + n / 2)
		nslots *= 2;
	return nslots;
}

/*
 * Makes room for n more entries; their addresses are at *addrs, size octets
 * each. *rehash is set if there are new slots, which are empty.
 */
static bool
part_reserve(struct addr_dictionary_part *part, void **addrs, size_t size,
    size_t n, bool *rehash)
{
	size_t cap = part->cap != 0 ? part->cap : ENTRIES_MIN;
	size_t nslots = slots_for(part, part->n + n);

	while (cap < part->n + n)
		cap *= 2;
	if (cap != part->cap &&
	    (!array_grow(addrs, cap, size) ||
		!array_grow(
		    (void **)&part->number, cap, sizeof(*part->number))))
		return false;
	part->cap = cap;
	*rehash = nslots != part->nslots;
	return !*rehash || part_slots(part, nslots);
}

static bool
part4_reserve(struct addr_dictionary *pool, size_t n)
{
	struct addr_dictionary_part *part = &pool->v4;
	bool rehash;

	if (!part_reserve(part, (void **)&pool->addr4, sizeof(*pool->addr4), n,
		&rehash))
		return false;
	for (size_t i = 0; rehash && i < part->n; i++) {
		uint32_t v4 = pool->addr4[i];
		size_t at =
		    addr4_slot(part, v4, addr4_hash(pool, v4) >> part->shift);

		part->slot[at] = (uint64_t)v4 << 32 | (part->number[i] + 1);
	}
	return true;
}

static bool
part6_reserve(struct addr_dictionary *pool, size_t n)
{
	struct addr_dictionary_part *part = &pool->v6;
	bool rehash;

	if (!part_reserve(part, (void **)&pool->addr6, sizeof(*pool->addr6), n,
		&rehash))
		return false;
	for (size_t i = 0; rehash && i < part->n; i++) {
		uint64_t hash = addr6_hash(pool, pool->addr6[i]);

		part->slot[addr6_slot(pool, pool->addr6[i], hash)] =
		    hash << 32 | (i + 1);
	}
	return true;
}

bool
addr_dictionary_reserve(struct addr_dictionary *pool, size_t n)
{
	return part4_reserve(pool, n) && part6_reserve(pool, n);
}

/* A buffer of this many words, kept for the next block. */
static uint64_t *
sort_room(struct addr_dictionary *pool, size_t words)
{
	if (words > pool->room_cap) {
		if (!array_grow(
			(void **)&pool->room, words, sizeof(*pool->room)))
			return NULL;
		pool->room_cap = words;
	}
	return pool->room;
}

/* Turns the counts of each digit into the position of its first key. */
static void
sort_places(uint32_t count[RADIX])
{
	uint32_t at = 0;

	for (size_t i = 0; i < RADIX; i++) {
		uint32_t here = count[i];

		count[i] = at;
		at += here;
	}
}

/*
 * Radix sort, lowest digit first; skips digits that all keys share. A key is an
 * address above an entry. Returns the sorted keys: keys or room.
 */
static const uint64_t *
sort_keys4(uint64_t *keys, uint64_t *room, size_t n, uint32_t differ)
{
	for (unsigned pass = 0; pass < DIGITS4; pass++) {
		unsigned shift = 32 + pass * RADIX_BITS;
		uint32_t count[RADIX] = { 0 };
		uint64_t *swap = keys;

		if ((differ >> (shift - 32) & (RADIX - 1)) == 0)
			continue;
		for (size_t i = 0; i < n; i++)
			count[keys[i] >> shift & (RADIX - 1)]++;
		sort_places(count);
		for (size_t i = 0; i < n; i++)
			room[count[keys[i] >> shift & (RADIX - 1)]++] =
			    keys[i];
		keys = room;
		room = swap;
	}
	return keys;
}

static bool
part4_sort(struct addr_dictionary *pool)
{
	size_t n = pool->v4.n;
	uint64_t *keys = sort_room(pool, 2 * n + 1);
	const uint64_t *sorted;
	uint32_t differ = 0;

	if (keys == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		keys[i] = (uint64_t)pool->addr4[i] << 32 | i;
		differ |= pool->addr4[i] ^ pool->addr4[0];
	}
	sorted = sort_keys4(keys, keys + n, n, differ);
	for (size_t i = 0; i < n; i++) {
		uint32_t entry = (uint32_t)sorted[i];

		pool->addr4[i] = (uint32_t)(sorted[i] >> 32);
		pool->rank[pool->v4.number[entry]] = (uint32_t)i;
	}
	return true;
}

/* An address with its entry. */
struct key6 {
	uint64_t half[2];	/* the lower one first */
	uint64_t entry;
};

static const struct key6 *
sort_keys6(struct key6 *keys, struct key6 *room, size_t n,
    const uint64_t differ[2])
{
	for (unsigned pass = 0; pass < 2 * DIGITS6; pass++) {
		unsigned h = pass / DIGITS6;
		unsigned shift = pass % DIGITS6 * RADIX_BITS;
		uint32_t count[RADIX] = { 0 };
		struct key6 *swap = keys;

		if ((differ[h] >> shift & (RADIX - 1)) == 0)
			continue;
		for (size_t i = 0; i < n; i++)
			count[keys[i].half[h] >> shift & (RADIX - 1)]++;
		sort_places(count);
		for (size_t i = 0; i < n; i++)
			room[count[keys[i].half[h] >> shift &
			    (RADIX - 1)]++] = keys[i];
		keys = room;
		room = swap;
	}
	return keys;
}

static bool
part6_sort(struct addr_dictionary *pool)
{
	size_t n = pool->v6.n, words = sizeof(struct key6) / sizeof(uint64_t);
	struct key6 *keys = (void *)sort_room(pool, 2 * n * words + 1);
	uint64_t differ[2] = { 0, 0 };
	const struct key6 *sorted;

	if (keys == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		struct addr6 a = pool->addr6[i];

		keys[i] = (struct key6){ { a.lo, a.hi }, i };
		differ[0] |= a.lo ^ pool->addr6[0].lo;
		differ[1] |= a.hi ^ pool->addr6[0].hi;
	}
	sorted = sort_keys6(keys, keys + n, n, differ);
	for (size_t i = 0; i < n; i++) {
		pool->addr6[i] = (struct addr6){ sorted[i].half[1],
			sorted[i].half[0] };
		pool->rank[pool->v6.number[sorted[i].entry]] =
		    (uint32_t)(pool->v4.n + i);
	}
	return true;
}

bool
addr_dictionary_sort(struct addr_dictionary *pool)
{
	size_t n = addr_dictionary_count(pool);

	if (n > pool->rank_cap) {
		if (!array_grow((void **)&pool->rank, n, sizeof(*pool->rank)))
			return false;
		pool->rank_cap = n;
	}
	return part4_sort(pool) && part6_sort(pool);
}
