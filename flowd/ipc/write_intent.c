/* Write intents; see write_intent.h. */
#include <sys/mman.h>

#include "write_intent.h"

size_t
write_intent_size(size_t n)
{
	return n * sizeof(struct write_intent);
}

struct write_intent *
write_intent_map(size_t n, int fd)
{
	void *p = mmap(NULL, write_intent_size(n), PROT_READ | PROT_WRITE,
	    MAP_SHARED,
	    fd, 0);

	return p != MAP_FAILED ? p : NULL;
}

void
write_intent_unmap(struct write_intent *intents, size_t n)
{
	if (intents != NULL)
		(void)munmap(intents, write_intent_size(n));
}

/*
 * Set the serial last: after a crash before that, the next writer repeats the
 * reset.
 */
void
write_intent_begin(struct write_intent *intent, uint32_t serial)
{
	if (atomic_load(&intent->serial) == serial)
		return;
	atomic_store(&intent->serial, 0);
	write_intent_clear(intent);
	atomic_store(&intent->taken, 0);
	atomic_store(&intent->serial, serial);
}

/* Set the length last: it makes the intent valid. */
void
write_intent_set(struct write_intent *intent, size_t len,
    const struct stat *file)
{
	write_intent_clear(intent);
	atomic_store(&intent->device, (uint64_t)file->st_dev);
	atomic_store(&intent->inode, (uint64_t)file->st_ino);
	atomic_store(&intent->size, (uint64_t)file->st_size);
	atomic_store(&intent->start, atomic_load(&intent->taken));
	atomic_store(&intent->len, len);
}

void
write_intent_clear(struct write_intent *intent)
{
	atomic_store(&intent->len, 0);
}

size_t
write_intent_written(const struct write_intent *intent, const struct stat *file)
{
	uint64_t size = (uint64_t)file->st_size;
	uint64_t more = size - atomic_load(&intent->size);

	if (atomic_load(&intent->len) == 0 ||
	    atomic_load(&intent->start) != atomic_load(&intent->taken) ||
	    atomic_load(&intent->device) != (uint64_t)file->st_dev ||
	    atomic_load(&intent->inode) != (uint64_t)file->st_ino ||
	    size < atomic_load(&intent->size) ||
	    more > atomic_load(&intent->len))
		return 0;
	return (size_t)more;
}
