/* The ledger; see ledger.h. */
#include <string.h>
#include <sys/mman.h>

#include "ledger.h"

enum { COUNTERS = sizeof(struct engine_counters) / sizeof(uint64_t) };

_Static_assert((int)COUNTERS <= (int)LEDGER_COUNTERS,
    "the counters of an engine have their place");

size_t
ledger_size(void)
{
	return sizeof(struct ledger_shared);
}

bool
ledger_map(struct ledger *l, int fd)
{
	void *p = mmap(NULL, ledger_size(), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);

	l->shared = p != MAP_FAILED ? p : NULL;
	return l->shared != NULL;
}

void
ledger_unmap(struct ledger *l)
{
	if (l->shared != NULL)
		(void)munmap(l->shared, ledger_size());
	l->shared = NULL;
}

void
ledger_put(struct ledger *l, const struct engine_counters *c)
{
	const uint64_t *from = (const uint64_t *)(const void *)c;

	for (size_t i = 0; i < COUNTERS; i++)
		atomic_store_explicit(&l->shared->counters[i], from[i],
		    memory_order_relaxed);
}

void
ledger_get(const struct ledger *l, struct engine_counters *c)
{
	uint64_t *to = (uint64_t *)(void *)c;

	for (size_t i = 0; i < COUNTERS; i++)
		to[i] = atomic_load(&l->shared->counters[i]);
}

uint64_t
ledger_settle(struct ledger *l)
{
	struct ledger_shared *s = l->shared;
	uint64_t received = atomic_load(&s->received) + s->live.datagrams -
	    atomic_load(&s->live_from) + recv_call_taken(&s->call);

	s->live = (struct recv_counters){ 0, 0, 0, 0 };
	memset(&s->call, 0, sizeof(s->call));
	atomic_store(&s->live_from, 0);
	atomic_store(&s->received, received);
	return received;
}
