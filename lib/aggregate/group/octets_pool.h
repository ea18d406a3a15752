/*
 * Values of variable length, each once: keys have their numbers. All threads
 * share a pool, which has a lock. Values stay where they are until the end.
 *
 * Used by key_values.c and result_rows.c. Test: test/unit/aggregate/
 * test_octets_pool.c.
 */
#ifndef FLOWD_OCTETS_POOL_H
#define FLOWD_OCTETS_POOL_H

#include <pthread.h>

#include "arena.h"
#include "group_table.h"
#include "map.h"
#include "wire.h"

struct octets_value;

struct octets_pool {
	pthread_mutex_t lock;
	struct group_memory *memory; /* that it may take of; borrowed */
	uint64_t seed;
	struct map map;
	struct arena arena;
	struct octets_value **value; /* by number */
	size_t n, cap;
};

/* False when out of memory. */
bool octets_pool_init(
    struct octets_pool *p, struct group_memory *memory, uint64_t seed);
void octets_pool_fini(struct octets_pool *p);

static inline void
octets_pool_lock(struct octets_pool *p)
{
	(void)pthread_mutex_lock(&p->lock);
}

static inline void
octets_pool_unlock(struct octets_pool *p)
{
	(void)pthread_mutex_unlock(&p->lock);
}

/*
 * The number of a value, which is added if it is new. False when there is no
 * memory. The pool is locked.
 */
bool octets_pool_put(
    struct octets_pool *p, struct bytes value, uint32_t *number);
/* The value of a number, while nobody puts any. */
struct bytes octets_pool_get(const struct octets_pool *p, uint32_t number);
/* Their order by octets: <0, 0, >0. */
int octets_compare(struct bytes a, struct bytes b);

#endif
