/* Counters in shared memory; see shared_counters.h. */
#include <string.h>
#include <sys/mman.h>

#include "shared_counters.h"

enum { COUNTERS = sizeof(struct engine_counters) / sizeof(uint64_t) };

_Static_assert((int)COUNTERS <= (int)SHARED_COUNTERS_MAX,
    "the counters of an engine have their place");

size_t
shared_counters_size(void)
{
	return sizeof(struct shared_counters_memory);
}

bool
shared_counters_map(struct shared_counters *l, int fd)
{
	void *p = mmap(NULL, shared_counters_size(), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);

	l->shared = p != MAP_FAILED ? p : NULL;
	return l->shared != NULL;
}

void
shared_counters_unmap(struct shared_counters *l)
{
	if (l->shared != NULL)
		(void)munmap(l->shared, shared_counters_size());
	l->shared = NULL;
}

void
shared_counters_store(struct shared_counters *l,
    const struct engine_counters *c)
{
	const uint64_t *from = (const uint64_t *)(const void *)c;

	for (size_t i = 0; i < COUNTERS; i++)
		atomic_store_explicit(&l->shared->counters[i], from[i],
		    memory_order_relaxed);
}

void
shared_counters_load(const struct shared_counters *l, struct engine_counters *c)
{
	uint64_t *to = (uint64_t *)(void *)c;

	for (size_t i = 0; i < COUNTERS; i++)
		to[i] = atomic_load(&l->shared->counters[i]);
}

uint64_t
shared_counters_recover(struct shared_counters *l)
{
	struct shared_counters_memory *s = l->shared;
	uint64_t received = atomic_load(&s->received) + s->live.datagrams -
	    atomic_load(&s->live_from) + recv_call_received(&s->call);

	s->live = (struct recv_counters){ 0, 0, 0, 0 };
	memset(&s->call, 0, sizeof(s->call));
	atomic_store(&s->live_from, 0);
	atomic_store(&s->received, received);
	return received;
}
