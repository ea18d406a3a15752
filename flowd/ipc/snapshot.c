/* Snapshots; see snapshot.h. */
#include <string.h>
#include <sys/mman.h>

#include "snapshot.h"

enum { HEAD_OCTETS = 64 * 1024 };

size_t
snapshot_size(void)
{
	return HEAD_OCTETS + 2 * (size_t)SNAPSHOT_OCTETS;
}

bool
snapshot_map(struct snapshot *s, int fd)
{
	uint8_t *p = mmap(NULL, snapshot_size(), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);

	*s = (struct snapshot){ .shared = NULL };
	if (p == MAP_FAILED)
		return false;
	s->shared = (struct snapshot_shared *)(void *)p;
	s->half[0] = p + HEAD_OCTETS;
	s->half[1] = s->half[0] + SNAPSHOT_OCTETS;
	return true;
}

void
snapshot_unmap(struct snapshot *s)
{
	if (s->shared != NULL)
		(void)munmap(s->shared, snapshot_size());
	s->shared = NULL;
}

bool
snapshot_put(struct snapshot *s, struct bytes state)
{
	unsigned half = atomic_load(&s->shared->latest) == 1;

	if (state.len > SNAPSHOT_OCTETS)
		return false;
	memcpy(s->half[half], state.ptr, state.len);
	atomic_store(&s->shared->len[half], state.len);
	atomic_store(&s->shared->latest, half + 1);
	return true;
}

struct bytes
snapshot_get(const struct snapshot *s)
{
	uint64_t latest = atomic_load(&s->shared->latest);
	uint64_t len;

	if (latest == 0 || latest > 2)
		return (struct bytes){ NULL, 0 };
	len = atomic_load(&s->shared->len[latest - 1]);
	if (len > SNAPSHOT_OCTETS)
		return (struct bytes){ NULL, 0 };
	return (struct bytes){ s->half[latest - 1], (size_t)len };
}
