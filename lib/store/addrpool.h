/*
 * The addresses of a block, each once: rows then have numbers for them. They
 * get numbers as they come, and others when the pool is sorted.
 *
 * Used by gather.c and block_write.c. Test: test/unit/store/test_addrpool.c.
 */
#ifndef FLOWD_ADDRPOOL_H
#define FLOWD_ADDRPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"

struct addrpool_part {
	uint64_t *slot;		/* the hash table; 0: free */
	size_t nslots;		/* a power of two */
	unsigned shift;		/* of a hash, to make it a place in there */
	uint32_t *number;	/* of the n-th entry of this family */
	size_t n, cap;
};

struct addrpool {
	struct addrpool_part v4, v6;
	uint32_t *addr4;	/* cap of each */
	struct addr6 *addr6;
	uint32_t *rank;		/* number as given to number as sorted */
	size_t rank_cap;
	uint64_t *room;		/* for sorting */
	size_t room_cap;
	uint64_t secret[3];	/* for hashing; the last two are odd */
};

/* seed: what senders cannot know. False when out of memory. */
bool addrpool_init(struct addrpool *pool, uint64_t seed);
void addrpool_fini(struct addrpool *pool);
void addrpool_reset(struct addrpool *pool);

static inline size_t
addrpool_count(const struct addrpool *pool)
{
	return pool->v4.n + pool->v6.n;
}

/* Make room for n more; false when out of memory. */
bool addrpool_reserve(struct addrpool *pool, size_t n);
/* The number of an address. There is room for it. */
uint32_t addrpool_put4(struct addrpool *pool, uint32_t v4);
uint32_t addrpool_put6(struct addrpool *pool, struct addr6 v6);
/*
 * The same for n of them, which waits less for memory; numbers may be NULL.
 */
void addrpool_put4_run(struct addrpool *pool, const uint32_t *v4, size_t n,
    uint32_t *numbers);
void addrpool_put6_run(struct addrpool *pool, const struct addr6 *v6, size_t n,
    uint32_t *numbers);

/*
 * Sort: IPv4 addresses first, each family by its value. pool->rank then says
 * of each number which place it has now; nothing may be put until a reset.
 * False when out of memory.
 */
bool addrpool_sort(struct addrpool *pool);

#endif
