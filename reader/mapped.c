/* The octets of a log; see mapped.h. */
#include <sys/mman.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "magic.h"
#include "mapped.h"
#include "v3.h"

enum {
	PIECE = 1024 * 1024,
	PIPE_MAX = 512 * 1024 * 1024 /* more than a block can have */
};

static int
fail_errno(const char *name, struct flowd_error *err)
{
	return flowd_fail(err, FLOWD_EIO, "%s: %s", name, strerror(errno));
}

static void
unmap(struct mapped *m)
{
	if (m->all.len > 0)
		(void)munmap((void *)(uintptr_t)m->all.ptr, m->all.len);
	m->all = (struct bytes){ NULL, 0 };
}

/* Map as much of the file as there is now. */
static int
map_file(struct mapped *m, const char *name, struct flowd_error *err)
{
	struct stat st;
	void *p;

	if (fstat(m->fd, &st) == -1)
		return fail_errno(name, err);
	if ((size_t)st.st_size == m->all.len)
		return 0;
	if ((size_t)st.st_size < m->all.len)
		return flowd_fail(err, FLOWD_EIO,
		    "%s: became shorter while it was read", name);
	unmap(m);
	if (st.st_size == 0)
		return 0;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, m->fd, 0);
	if (p == MAP_FAILED)
		return fail_errno(name, err);
	m->all = (struct bytes){ p, (size_t)st.st_size };
	return 1;
}

int
mapped_init(struct mapped *m, int fd, struct bytes seen, const char *name,
    struct flowd_error *err)
{
	struct stat st;
	int got;

	*m = (struct mapped){ .fd = fd };
	if (fstat(fd, &st) == -1)
		return fail_errno(name, err);
	m->is_file = S_ISREG(st.st_mode);
	if (m->is_file) {
		got = map_file(m, name, err);
		m->eof = true;
		return got < 0 ? got : 0;
	}
	buf_init(&m->pipe, PIPE_MAX);
	buf_append(&m->pipe, seen.ptr, seen.len);
	m->all = (struct bytes){ m->pipe.ptr, m->pipe.len };
	return buf_ok(&m->pipe)
	    ? 0
	    : flowd_fail(err, FLOWD_ENOMEM, "%s: out of memory", name);
}

void
mapped_fini(struct mapped *m)
{
	if (m->is_file)
		unmap(m);
	buf_fini(&m->pipe);
	(void)close(m->fd);
}

/* Read once, so that a pipe gives what it has. */
static int
read_more(struct mapped *m, const char *name, struct flowd_error *err)
{
	uint8_t *room = buf_room(&m->pipe, PIECE);
	ssize_t got;

	if (room == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "%s: out of memory", name);
	do
		got = read(m->fd, room, PIECE);
	while (got == -1 && errno == EINTR);
	if (got == -1)
		return fail_errno(name, err);
	m->eof = got == 0;
	m->pipe.len += (size_t)got;
	m->all = (struct bytes){ m->pipe.ptr, m->pipe.len };
	return got > 0;
}

int
mapped_more(struct mapped *m, size_t *used, const char *name,
    struct flowd_error *err)
{
	if (m->is_file)
		return map_file(m, name, err);
	if (m->eof)
		return 0;
	m->pipe.len -= *used;
	memmove(m->pipe.ptr, m->pipe.ptr + *used, m->pipe.len);
	m->offset += *used;
	*used = 0;
	return read_more(m, name, err);
}

int
mapped_walk_on(struct mapped *m, struct segment_walk *w, const char *name,
    struct flowd_error *err)
{
	size_t used = w->at;
	int got;

	if (m->is_file || m->eof)
		return 0;
	got = mapped_more(m, &used, name, err);
	if (got < 0)
		return got;
	if (used == 0)
		segment_dropped(w);
	segment_grown(w, m->all, m->eof);
	return 1;
}

/* Damage first, then a block, which is not further away than one is long. */
static bool
has_block(struct bytes in)
{
	struct segment_damage damage;
	struct block *b = block_new();
	struct segment_walk w;
	bool found = false;

	if (in.len > BLOCK_MAX)
		in.len = BLOCK_MAX;
	segment_walk_init(&w, in, false);
	if (b != NULL)
		found = segment_next(&w, b, &damage) == FLOWD_EFORMAT &&
		    segment_next(&w, b, &damage) == 1;
	block_free(b);
	return found;
}

bool
mapped_is_log(const struct mapped *m)
{
	uint8_t first;

	if (!m->is_file || m->all.len == 0)
		return false;
	first = m->all.ptr[0];
	if (first == block_magic[0])
		return true;
	return !magic_is_known(m->all) && first >> 5 != V3_MAJOR && !capture_sniff(first) &&
	    has_block(m->all);
}

int
mapped_log(struct mapped *m, const char *path, struct flowd_error *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? dup(STDIN_FILENO) : open(path, O_RDONLY), bad;

	if (fd == -1)
		return flowd_fail(
		    err, FLOWD_EIO, "%s: %s", path, strerror(errno));
	bad = mapped_init(m, fd, (struct bytes){ (const uint8_t *)"", 0 },
	    path, err);
	if (bad != 0) {
		(void)close(fd);
		return bad;
	}
	if (mapped_is_log(m))
		return 1;
	mapped_fini(m);
	return 0;
}

static void
on_sigbus(int sig)
{
	static const char text[] = "flowd-reader: a log became shorter while "
				   "it was read, or cannot be read\n";

	ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)sig;
	(void)ignored;
	_exit(1);
}

void
mapped_guard(void)
{
	struct sigaction act = { .sa_handler = on_sigbus };

	(void)sigaction(SIGBUS, &act, NULL);
}
