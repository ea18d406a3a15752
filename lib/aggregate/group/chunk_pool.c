/* Chunks of memory; see chunk_pool.h. */
#define _DEFAULT_SOURCE 1 /* madvise() */

#include <stdlib.h>
#include <sys/mman.h>

#include "chunk_pool.h"

enum {
	HUGE_PAGE = 1 << 21,
	SLAB_PAGES = 4,
	SLAB_HEAD = 64 /* octets before the chunks */
};

struct chunk_slab {
	struct chunk_slab *next;
	size_t octets;
};

struct free_chunk {
	struct free_chunk *next;
};

_Static_assert(sizeof(struct chunk_slab) <= SLAB_HEAD, "it has room");

void
chunk_pool_init(struct chunk_pool *p, size_t octets)
{
	*p = (struct chunk_pool){ .octets = octets };
	(void)pthread_mutex_init(&p->lock, NULL);
}

void
chunk_pool_fini(struct chunk_pool *p)
{
	struct chunk_slab *next;

	for (struct chunk_slab *slab = p->slab; slab != NULL; slab = next) {
		next = slab->next;
		free(slab);
	}
	(void)pthread_mutex_destroy(&p->lock);
}

/* A few huge pages, or as many as a chunk needs. */
static struct chunk_slab *
slab_new(size_t chunk_octets)
{
	size_t least = SLAB_HEAD + chunk_octets;
	size_t octets = (size_t)SLAB_PAGES * HUGE_PAGE;
	struct chunk_slab *slab;

	if (octets < least)
		octets = (least + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	slab = aligned_alloc(HUGE_PAGE, octets);
	if (slab == NULL)
		return NULL;
#ifdef MADV_HUGEPAGE
	/* Without it there is only more to map. */
	(void)madvise(slab, octets, MADV_HUGEPAGE);
#endif
	slab->octets = octets;
	return slab;
}

static void *
chunk_next(struct chunk_pool *p)
{
	struct free_chunk *chunk = p->free;
	struct chunk_slab *slab = p->slab;

	if (chunk != NULL) {
		p->free = chunk->next;
		return chunk;
	}
	if (slab == NULL || slab->octets - p->used < p->octets) {
		slab = slab_new(p->octets);
		if (slab == NULL)
			return NULL;
		slab->next = p->slab;
		p->slab = slab;
		p->used = SLAB_HEAD;
	}
	p->used += p->octets;
	return (uint8_t *)slab + p->used - p->octets;
}

uint64_t *
chunk_pool_take(struct chunk_pool *p)
{
	uint64_t *chunk;

	(void)pthread_mutex_lock(&p->lock);
	chunk = chunk_next(p);
	(void)pthread_mutex_unlock(&p->lock);
	return chunk;
}

void
chunk_pool_give(struct chunk_pool *p, uint64_t *chunk)
{
	struct free_chunk *given = (void *)chunk;

	(void)pthread_mutex_lock(&p->lock);
	given->next = p->free;
	p->free = given;
	(void)pthread_mutex_unlock(&p->lock);
}
