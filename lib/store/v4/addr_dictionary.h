/*
 * The dictionary of a block: each address once; rows refer to it by number.
 * Numbers are assigned in order of arrival, and again when it is sorted.
 *
 * Test: test/unit/store/test_addr_dictionary.c.
 */
#ifndef FLOWD_ADDR_DICTIONARY_H
#define FLOWD_ADDR_DICTIONARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"

struct addr_dictionary_part {
	uint64_t *slot;		/* the hash table; 0: free */
	size_t nslots;		/* a power of two */
	unsigned shift;		/* of a hash, to make it a place in there */
	uint32_t *number;	/* of the n-th entry of this family */
	size_t n, cap;
};

struct addr_dictionary {
	struct addr_dictionary_part v4, v6;
	uint32_t *addr4;	/* cap of each */
	struct addr6 *addr6;
	uint32_t *rank;		/* number as given to number as sorted */
	size_t rank_cap;
	uint64_t *room;		/* for sorting */
	size_t room_cap;
	uint64_t secret[3];	/* for hashing; the last two are odd */
};

/* seed: a secret that senders cannot know. False when out of memory. */
bool addr_dictionary_init(struct addr_dictionary *pool, uint64_t seed);
void addr_dictionary_fini(struct addr_dictionary *pool);
void addr_dictionary_reset(struct addr_dictionary *pool);

static inline size_t
addr_dictionary_count(const struct addr_dictionary *pool)
{
	return pool->v4.n + pool->v6.n;
}

/* Reserve room for n more; false when out of memory. */
bool addr_dictionary_reserve(struct addr_dictionary *pool, size_t n);
/* The number of an address, which is added if needed; there is room for it. */
uint32_t addr_dictionary_put4(struct addr_dictionary *pool, uint32_t v4);
uint32_t addr_dictionary_put6(struct addr_dictionary *pool, struct addr6 v6);
/* The same for n addresses, with prefetching; numbers may be NULL. */
void addr_dictionary_put4_run(struct addr_dictionary *pool, const uint32_t *v4,
    size_t n, uint32_t *numbers);
void addr_dictionary_put6_run(struct addr_dictionary *pool,
    const struct addr6 *v6, size_t n, uint32_t *numbers);

/*
 * Sort: IPv4 addresses first, each family by value. pool->rank then maps each
 * number to its new one; nothing may be added until a reset. False when out of
 * memory.
 */
bool addr_dictionary_sort(struct addr_dictionary *pool);

#endif
