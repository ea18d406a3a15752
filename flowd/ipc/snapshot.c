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
snapshot_map(struct snapshot *box, int fd)
{
	uint8_t *p = mmap(NULL, snapshot_size(), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);

	*box = (struct snapshot){ .shared = NULL };
	if (p == MAP_FAILED)
		return false;
	box->shared = (struct snapshot_shared *)(void *)p;
	box->half[0] = p + HEAD_OCTETS;
	box->half[1] = box->half[0] + SNAPSHOT_OCTETS;
	return true;
}

void
snapshot_unmap(struct snapshot *box)
{
	if (box->shared != NULL)
		(void)munmap(box->shared, snapshot_size());
	box->shared = NULL;
}

bool
snapshot_put(struct snapshot *box, struct bytes state)
{
	unsigned half = atomic_load(&box->shared->latest) == 1;

	if (state.len > SNAPSHOT_OCTETS)
		return false;
	memcpy(box->half[half], state.ptr, state.len);
	atomic_store(&box->shared->len[half], state.len);
	atomic_store(&box->shared->latest, half + 1);
	return true;
}

struct bytes
snapshot_get(const struct snapshot *box)
{
	uint64_t latest = atomic_load(&box->shared->latest);
	uint64_t len;

	if (latest == 0 || latest > 2)
		return (struct bytes){ NULL, 0 };
	len = atomic_load(&box->shared->len[latest - 1]);
	if (len > SNAPSHOT_OCTETS)
		return (struct bytes){ NULL, 0 };
	return (struct bytes){ box->half[latest - 1], (size_t)len };
}
