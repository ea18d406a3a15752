/* The octets of a log; see mapping.h. */
#include <sys/mman.h>
#include <sys/stat.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "mapping.h"

enum {
	PIECE = 1024 * 1024,
	PIPE_MAX = 512 * 1024 * 1024 /* octets; a block is never as large */
};

static int
mapping_fail(const char *name, struct flowd_error *err)
{
	return flowd_fail_errno(err, "%s", name);
}

static void
mapping_unmap(struct mapping *m)
{
	if (m->all.len > 0)
		(void)munmap((void *)(uintptr_t)m->all.ptr, m->all.len);
	m->all = (struct bytes){ NULL, 0 };
}

/* Map the file at its current size. */
static int
mapping_map(struct mapping *m, const char *name, struct flowd_error *err)
{
	struct stat st;
	void *p;

	if (fstat(m->fd, &st) == -1)
		return mapping_fail(name, err);
	if ((size_t)st.st_size == m->all.len)
		return 0;
	if ((size_t)st.st_size < m->all.len)
		return flowd_fail(err, FLOWD_EIO,
		    "%s: became shorter while it was read", name);
	mapping_unmap(m);
	if (st.st_size == 0)
		return 0;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, m->fd, 0);
	if (p == MAP_FAILED)
		return mapping_fail(name, err);
	m->all = (struct bytes){ p, (size_t)st.st_size };
	return 1;
}

int
mapping_init(struct mapping *m, int fd, struct bytes seen, const char *name,
    struct flowd_error *err)
{
	struct stat st;
	int got;

	if (fstat(fd, &st) == -1)
		return mapping_fail(name, err);
	if (!S_ISREG(st.st_mode))
		return mapping_init_pipe(m, fd, seen, name, err);
	*m = (struct mapping){ .fd = fd, .is_file = true, .eof = true };
	got = mapping_map(m, name, err);
	return got < 0 ? got : 0;
}

int
mapping_init_pipe(struct mapping *m, int fd, struct bytes seen,
    const char *name, struct flowd_error *err)
{
	*m = (struct mapping){ .fd = fd };
	buf_init(&m->pipe, PIPE_MAX);
	buf_append(&m->pipe, seen.ptr, seen.len);
	m->all = (struct bytes){ m->pipe.ptr, m->pipe.len };
	return buf_ok(&m->pipe)
	    ? 0
	    : flowd_fail(err, FLOWD_ENOMEM, "%s: out of memory", name);
}

void
mapping_fini(struct mapping *m)
{
	if (m->is_file)
		mapping_unmap(m);
	buf_fini(&m->pipe);
	(void)close(m->fd);
}

/* One read(2): a pipe returns the data it has. */
static int
mapping_read(struct mapping *m, const char *name, struct flowd_error *err)
{
	uint8_t *room = buf_room(&m->pipe, PIECE);
	ssize_t got;

	if (room == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "%s: out of memory", name);
	do
		got = read(m->fd, room, PIECE);
	while (got == -1 && errno == EINTR);
	if (got == -1)
		return mapping_fail(name, err);
	m->eof = got == 0;
	m->pipe.len += (size_t)got;
	m->all = (struct bytes){ m->pipe.ptr, m->pipe.len };
	return got > 0;
}

int
mapping_more(struct mapping *m, size_t *used, const char *name,
    struct flowd_error *err)
{
	if (m->is_file)
		return mapping_map(m, name, err);
	if (m->eof)
		return 0;
	m->pipe.len -= *used;
	memmove(m->pipe.ptr, m->pipe.ptr + *used, m->pipe.len);
	m->offset += *used;
	*used = 0;
	return mapping_read(m, name, err);
}

int
mapping_walk_on(struct mapping *m, struct segment_walk *w, const char *name,
    struct flowd_error *err)
{
	size_t used = w->at;
	int got;

	if (m->is_file || m->eof)
		return 0;
	got = mapping_more(m, &used, name, err);
	if (got < 0)
		return got;
	if (used == 0)
		segment_dropped(w);
	segment_grown(w, m->all, m->eof);
	return 1;
}

/* The damage is not longer than the largest block. */
bool
mapping_has_block(const struct mapping *m)
{
	struct bytes in = m->all;
	struct segment_damage damage;
	struct segment_walk w;
	struct block *b;
	bool found = false;

	if (!m->is_file || in.len == 0 || (b = block_new()) == NULL)
		return false;
	if (in.len > BLOCK_MAX)
		in.len = BLOCK_MAX;
	segment_walk_init(&w, in, false);
	found = segment_next(&w, b, &damage) == FLOWD_EFORMAT &&
	    segment_next(&w, b, &damage) == 1;
	block_free(b);
	return found;
}
