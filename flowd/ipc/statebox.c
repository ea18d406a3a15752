/* The state box; see statebox.h. */
#include <string.h>
#include <sys/mman.h>

#include "statebox.h"

enum { HEAD_OCTETS = 64 * 1024 };

size_t
statebox_size(void)
{
	return HEAD_OCTETS + 2 * (size_t)STATEBOX_OCTETS;
}

bool
statebox_map(struct statebox *box, int fd)
{
	uint8_t *p = mmap(NULL, statebox_size(), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);

	*box = (struct statebox){ .shared = NULL };
	if (p == MAP_FAILED)
		return false;
	box->shared = (struct statebox_shared *)(void *)p;
	box->half[0] = p + HEAD_OCTETS;
	box->half[1] = box->half[0] + STATEBOX_OCTETS;
	return true;
}

void
statebox_unmap(struct statebox *box)
{
	if (box->shared != NULL)
		(void)munmap(box->shared, statebox_size());
	box->shared = NULL;
}

bool
statebox_put(struct statebox *box, struct bytes state)
{
	unsigned half = atomic_load(&box->shared->latest) == 1;

	if (state.len > STATEBOX_OCTETS)
		return false;
	memcpy(box->half[half], state.ptr, state.len);
	atomic_store(&box->shared->len[half], state.len);
	atomic_store(&box->shared->latest, half + 1);
	return true;
}

struct bytes
statebox_get(const struct statebox *box)
{
	uint64_t latest = atomic_load(&box->shared->latest);
	uint64_t len;

	if (latest == 0 || latest > 2)
		return (struct bytes){ NULL, 0 };
	len = atomic_load(&box->shared->len[latest - 1]);
	if (len > STATEBOX_OCTETS)
		return (struct bytes){ NULL, 0 };
	return (struct bytes){ box->half[latest - 1], (size_t)len };
}
