/* What writers leave to each other; see write_intent.h. */
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
	void *p = mmap(NULL, write_intent_size(n), PROT_READ | PROT_WRITE, MAP_SHARED,
	    fd, 0);

	return p != MAP_FAILED ? p : NULL;
}

void
write_intent_unmap(struct write_intent *notes, size_t n)
{
	if (notes != NULL)
		(void)munmap(notes, write_intent_size(n));
}

/* The serial comes last: who dies before leaves it to be done again. */
void
write_intent_begin(struct write_intent *note, uint32_t serial)
{
	if (atomic_load(&note->serial) == serial)
		return;
	atomic_store(&note->serial, 0);
	write_intent_clear(note);
	atomic_store(&note->taken, 0);
	atomic_store(&note->serial, serial);
}

/* The length comes last: it makes the rest true. */
void
write_intent_set(struct write_intent *note, size_t len, const struct stat *file)
{
	write_intent_clear(note);
	atomic_store(&note->device, (uint64_t)file->st_dev);
	atomic_store(&note->inode, (uint64_t)file->st_ino);
	atomic_store(&note->size, (uint64_t)file->st_size);
	atomic_store(&note->start, atomic_load(&note->taken));
	atomic_store(&note->len, len);
}

void
write_intent_clear(struct write_intent *note)
{
	atomic_store(&note->len, 0);
}

size_t
write_intent_written(const struct write_intent *note, const struct stat *file)
{
	uint64_t size = (uint64_t)file->st_size;
	uint64_t more = size - atomic_load(&note->size);

	if (atomic_load(&note->len) == 0 ||
	    atomic_load(&note->start) != atomic_load(&note->taken) ||
	    atomic_load(&note->device) != (uint64_t)file->st_dev ||
	    atomic_load(&note->inode) != (uint64_t)file->st_ino ||
	    size < atomic_load(&note->size) ||
	    more > atomic_load(&note->len))
		return 0;
	return (size_t)more;
}
