/* What keepers leave to each other; see note.h. */
#include <sys/mman.h>

#include "note.h"

size_t
note_size(size_t n)
{
	return n * sizeof(struct note);
}

struct note *
note_map(size_t n, int fd)
{
	void *p = mmap(NULL, note_size(n), PROT_READ | PROT_WRITE, MAP_SHARED,
	    fd, 0);

	return p != MAP_FAILED ? p : NULL;
}

void
note_unmap(struct note *notes, size_t n)
{
	if (notes != NULL)
		(void)munmap(notes, note_size(n));
}

/* The serial comes last: who dies before leaves it to be done again. */
void
note_begin(struct note *note, uint32_t serial)
{
	if (atomic_load(&note->serial) == serial)
		return;
	atomic_store(&note->serial, 0);
	note_forget(note);
	atomic_store(&note->taken, 0);
	atomic_store(&note->serial, serial);
}

/* The length comes last: it makes the rest true. */
void
note_intend(struct note *note, size_t len, const struct stat *file)
{
	note_forget(note);
	atomic_store(&note->device, (uint64_t)file->st_dev);
	atomic_store(&note->inode, (uint64_t)file->st_ino);
	atomic_store(&note->size, (uint64_t)file->st_size);
	atomic_store(&note->start, atomic_load(&note->taken));
	atomic_store(&note->len, len);
}

void
note_forget(struct note *note)
{
	atomic_store(&note->len, 0);
}

size_t
note_written(const struct note *note, const struct stat *file)
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
