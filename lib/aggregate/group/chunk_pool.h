/*
 * Memory of tables in chunks of one size. They are cut from slabs that the
 * system may map with huge pages, as mapping page by page takes longer than
 * filling them. What is given back is had again; slabs stay until the end.
 *
 * Used by group_table.c. Test: test/unit/aggregate/test_chunk_pool.c.
 */
#ifndef FLOWD_CHUNK_POOL_H
#define FLOWD_CHUNK_POOL_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

struct chunk_slab;
struct free_chunk;

/* Threads share it. */
struct chunk_pool {
	pthread_mutex_t lock;
	size_t octets; /* of a chunk */
	struct chunk_slab *slab; /* the last one; others behind it */
	size_t used; /* octets of that */
	struct free_chunk *free;
};

/* octets: at least those of a pointer, and a multiple of them. */
void chunk_pool_init(struct chunk_pool *p, size_t octets);
/* Free all chunks. */
void chunk_pool_fini(struct chunk_pool *p);

/* A chunk, whose content is anything; NULL when out of memory. */
uint64_t *chunk_pool_take(struct chunk_pool *p);
void chunk_pool_give(struct chunk_pool *p, uint64_t *chunk);

#endif
