/* Searching for unsealed segments; see unsealed_search.h. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "segment_index.h"
#include "unsealed_search.h"

/* The state of a segment file: sealed or not, and its last modification. */
struct segment_state {
	bool sealed;
	int64_t written_sec;
};

static bool
segment_examine(int dirfd, const char *name, struct segment_state *state)
{
	int fd = file_open_read(dirfd, name);
	uint8_t tail[INDEX_TAIL];
	struct stat st;
	bool good;

	if (fd == -1)
		return false;
	good = fstat(fd, &st) == 0;
	if (good) {
		state->written_sec = (int64_t)st.st_mtime;
		state->sealed = st.st_size >= INDEX_TAIL &&
		    pread(fd, tail, sizeof(tail), st.st_size - INDEX_TAIL) ==
			INDEX_TAIL &&
		    segment_index_ends(tail);
	}
	(void)close(fd);
	return good;
}

/* Add a segment to the list, if it is not sealed. */
static void
add_if_unsealed(struct unsealed *unsealed, int dirfd,
    const struct catalogue *c, size_t i)
{
	const struct catalogue_entry *e = &c->entry[i];
	struct logdir_segment segment = { .start_sec = e->start_sec };
	struct segment_state state;

	if (!segment_examine(dirfd, e->name, &state) || state.sealed)
		return;
	memcpy(segment.name, e->name, sizeof(segment.name));
	segment.end_sec = catalogue_end(c, i);
	if (segment.end_sec == INT64_MAX)
		segment.end_sec = state.written_sec;
	if (segment.end_sec < segment.start_sec)
		segment.end_sec = segment.start_sec;
	unsealed_add(unsealed, &segment);
}

static bool
is_in_use(const char *const in_use[2], const char *name)
{
	return strcmp(in_use[0], name) == 0 || strcmp(in_use[1], name) == 0;
}

/* Was this segment examined by an earlier call? */
static bool
is_examined(const struct unsealed_search *s, const struct catalogue_entry *e)
{
	if (e->start_sec != s->start_sec)
		return e->start_sec < s->start_sec;
	return e->number <= s->number;
}

static void
search_catalogue(struct unsealed_search *s, struct unsealed *unsealed,
    int dirfd, const char *const in_use[2], const struct catalogue *c)
{
	unsigned examined = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct catalogue_entry *e = &c->entry[i];

		if (is_examined(s, e))
			continue;
		if (examined++ == UNSEALED_SEARCH_SOME)
			return;
		if (!is_in_use(in_use, e->name))
			add_if_unsealed(unsealed, dirfd, c, i);
		s->start_sec = e->start_sec;
		s->number = e->number;
	}
	s->under_way = false;
}

void
unsealed_search_begin(struct unsealed_search *s)
{
	*s = (struct unsealed_search){ .under_way = true,
		.start_sec = INT64_MIN };
}

int
unsealed_search_next(struct unsealed_search *s, struct unsealed *unsealed,
    int dirfd, const char *const in_use[2], struct flowd_error *err)
{
	struct catalogue c;
	int bad;

	catalogue_init(&c);
	bad = catalogue_read(&c, dirfd, err);
	if (bad == 0)
		search_catalogue(s, unsealed, dirfd, in_use, &c);
	else
		s->under_way = false;
	catalogue_fini(&c);
	return bad;
}
