/* Shared memory and pipes between children; see shmem.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "forward_queue.h"
#include "memory.h"
#include "ring.h"
#include "shared_counters.h"
#include "shmem.h"
#include "write_intent.h"

static void
close_fd(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}

static bool
shmem_engine_init(struct shmem_engine *w)
{
	w->counters = memory_create("flowd-counters", shared_counters_size());
	w->snapshot_fd = memory_create("flowd-snapshot", snapshot_size());
	return w->counters != -1 && w->snapshot_fd != -1 &&
	    snapshot_map(&w->snapshot, w->snapshot_fd);
}

static void
shmem_engine_fini(struct shmem_engine *w)
{
	snapshot_unmap(&w->snapshot);
	close_fd(&w->counters);
	close_fd(&w->snapshot_fd);
	for (unsigned i = 0; i < SLOTS; i++)
		close_fd(&w->rings[i]);
}

static bool
make_wake(int wake[2])
{
	if (pipe(wake) != 0)
		return false;
	for (int i = 0; i < 2; i++) {
		(void)fcntl(wake[i], F_SETFD, FD_CLOEXEC);
		(void)fcntl(wake[i], F_SETFL, O_NONBLOCK);
	}
	return true;
}

static bool
shmem_open_fixed(struct shmem *p)
{
	for (unsigned i = 0; i < SLOTS; i++)
		if (slot_is_fixed(i) && !shmem_open_slot(p, i))
			return false;
	return true;
}

bool
shmem_init(struct shmem *p, unsigned nengines, size_t ring_octets)
{
	*p = (struct shmem){ .wake = { -1, -1 }, .forward_queue = { -1, -1 },
		.engines = calloc(nengines, sizeof(*p->engines)),
		.ring_octets = ring_octets, .intents = -1 };
	if (p->engines == NULL)
		return false;
	p->nengines = nengines;
	for (unsigned i = 0; i < nengines; i++) {
		p->engines[i].counters = p->engines[i].snapshot_fd = -1;
		for (unsigned k = 0; k < SLOTS; k++)
			p->engines[i].rings[k] = -1;
	}
	for (unsigned i = 0; i < nengines; i++)
		if (!shmem_engine_init(&p->engines[i]))
			return false;
	p->intents = memory_create("flowd-intents",
	    write_intent_size(SLOT_INTENTS));
	return p->intents != -1 && make_wake(p->wake) &&
	    forward_queue_open(p->forward_queue) == 0 &&
	    shmem_open_fixed(p);
}

void
shmem_fini(struct shmem *p)
{
	for (unsigned i = 0; i < p->nengines; i++)
		shmem_engine_fini(&p->engines[i]);
	free(p->engines);
	close_fd(&p->intents);
	for (int i = 0; i < 2; i++) {
		close_fd(&p->wake[i]);
		close_fd(&p->forward_queue[i]);
	}
	*p = (struct shmem){ .engines = NULL, .intents = -1 };
}

bool
shmem_open_slot(struct shmem *p, unsigned slot)
{
	p->serials[slot]++;
	p->sent[slot] = false;
	for (unsigned i = 0; i < p->nengines; i++) {
		int *fd = &p->engines[i].rings[slot];

		*fd = memory_create(
		    "flowd-ring", ring_size(p->ring_octets));
		if (*fd == -1) {
			int error = errno;

			shmem_close_slot(p, slot);
			errno = error;
			return false;
		}
	}
	return true;
}

void
shmem_close_slot(struct shmem *p, unsigned slot)
{
	for (unsigned i = 0; i < p->nengines; i++)
		close_fd(&p->engines[i].rings[slot]);
}

void
shmem_count(
    const struct shmem *p, unsigned slot, struct ring_counts *counts)
{
	for (unsigned i = 0; i < p->nengines; i++) {
		int fd = p->engines[i].rings[slot];
		struct ring m;

		if (fd == -1 || !ring_map(&m, slot_unit(slot), fd))
			continue;
		ring_count(&m, counts);
		ring_unmap(&m);
	}
}

bool
shmem_has_slot(const struct shmem *p, unsigned slot)
{
	return p->engines[0].rings[slot] != -1;
}

int
shmem_free_slot(const struct shmem *p, unsigned from)
{
	for (unsigned i = from; i < SLOTS; i++)
		if (!shmem_has_slot(p, i))
			return (int)i;
	return -1;
}
