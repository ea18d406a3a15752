/* The files that are read; see sources.h. */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "sources.h"

/* Clocks of exporters and of collectors differ, and flows come late. */
enum { SLACK_SEC = 3600 };

static const int64_t second_ns = 1000000000;

void
sources_init(struct sources *s)
{
	*s = (struct sources){ .limit_sec = INT64_MAX };
}

void
sources_fini(struct sources *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->path[i]);
	free(s->path);
	free(s->begins);
	sources_init(s);
}

static int
out_of_memory(struct flowd_error *err)
{
	return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
}

static char *
join(const char *directory, const char *name)
{
	size_t len = strlen(directory) + strlen(name) + 2;
	char *path = malloc(len);

	if (path != NULL)
		(void)snprintf(path, len, "%s/%s", directory, name);
	return path;
}

/* Room for one more, and the NULL behind it. False when out of memory. */
static bool
grow(struct sources *s)
{
	size_t cap = s->cap < 16 ? 16 : s->cap * 2;
	char **paths;
	bool *begins;

	if (s->n + 1 < s->cap)
		return true;
	if ((paths = realloc(s->path, cap * sizeof(*paths))) == NULL)
		return false;
	s->path = paths;
	if ((begins = realloc(s->begins, cap * sizeof(*begins))) == NULL)
		return false;
	s->begins = begins;
	s->cap = cap;
	return true;
}

/* Takes over path, which may be NULL for want of memory. */
static int
add(struct sources *s, char *path, bool begins, struct flowd_error *err)
{
	if (path == NULL || !grow(s)) {
		free(path);
		return out_of_memory(err);
	}
	s->begins[s->n] = begins;
	s->path[s->n++] = path;
	s->path[s->n] = NULL;
	return 0;
}

/* A segment of s->directory. */
static int
add_segment(struct sources *s, const char *name, struct flowd_error *err)
{
	bool begins = !s->has_segment;

	s->has_segment = true;
	return add(s, join(s->directory, name), begins, err);
}

static int
read_directory(
    struct catalogue *c, const char *path, struct flowd_error *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY), bad;
	struct flowd_error why;

	if (fd == -1)
		return flowd_fail(
		    err, FLOWD_EIO, "%s: %s", path, strerror(errno));
	bad = catalogue_read(c, fd, &why);
	(void)close(fd);
	return bad == 0 ? 0 : flowd_fail(err, bad, "%s: %s", path, why.text);
}

/* Rounded outwards. */
static int64_t
to_sec(int64_t ns, bool up)
{
	if (ns == INT64_MIN || ns == INT64_MAX)
		return ns / 4 / second_ns * 4;
	return ns / second_ns + (up ? 1 : -1);
}

static int
add_segments(struct sources *s, const struct timerange *range,
    struct flowd_error *err)
{
	const char *path = s->directory;
	struct catalogue c;
	size_t first, n;
	int bad;

	catalogue_init(&c);
	bad = read_directory(&c, path, err);
	n = catalogue_range(&c, to_sec(range->after_ns, false),
	    to_sec(range->before_ns, true), SLACK_SEC, &first);
	if (bad == 0 && c.n == 0 && !s->waits)
		bad = flowd_fail(err, FLOWD_EINVAL,
		    "%s: is a directory without segments of a flow log", path);
	for (size_t i = 0; bad == 0 && i < n; i++)
		bad = add_segment(s, c.entry[first + i].name, err);
	catalogue_fini(&c);
	return bad;
}

int
sources_find(struct sources *s, char *const *paths,
    const struct timerange *range, struct flowd_error *err)
{
	struct stat st;
	int bad = 0;

	/* There is a list in any case. */
	s->path = calloc(1, sizeof(*s->path));
	if (s->path == NULL)
		return out_of_memory(err);
	s->cap = 1;
	s->named = paths;
	if (range->before_ns != INT64_MAX)
		s->limit_sec = to_sec(range->before_ns, true) + SLACK_SEC;
	for (; bad == 0 && *paths != NULL; paths++) {
		bool directory = strcmp(*paths, "-") != 0 &&
		    stat(*paths, &st) == 0 && S_ISDIR(st.st_mode);

		s->directory = directory ? *paths : NULL;
		s->has_segment = false;
		bad = directory ? add_segments(s, range, err)
				: add(s, strdup(*paths), true, err);
	}
	return bad;
}

bool
sources_gone(const struct sources *s, const char *path)
{
	for (size_t i = 0; s->named[i] != NULL; i++)
		if (strcmp(s->named[i], path) == 0)
			return false;
	return access(path, F_OK) == -1 && errno == ENOENT;
}

int
sources_check(const struct sources *s, struct flowd_error *err)
{
	for (size_t i = 0; i < s->n; i++) {
		const char *path = s->path[i];

		if (strcmp(path, "-") == 0 || access(path, R_OK) == 0 ||
		    sources_gone(s, path))
			continue;
		return flowd_fail(
		    err, FLOWD_EIO, "%s: %s", path, strerror(errno));
	}
	return 0;
}

/* The first segment behind this one, the first for NULL. */
static const struct catalogue_entry *
entry_behind(const struct catalogue *c, const char *path)
{
	const char *name = path != NULL ? strrchr(path, '/') : NULL;
	struct catalogue_entry old;

	if (c->n == 0)
		return NULL;
	if (name == NULL ||
	    !catalogue_parse(name + 1, &old.start_sec, &old.number))
		return &c->entry[0];
	for (size_t i = 0; i < c->n; i++)
		if (c->entry[i].start_sec > old.start_sec ||
		    (c->entry[i].start_sec == old.start_sec &&
			c->entry[i].number > old.number))
			return &c->entry[i];
	return NULL;
}

const char *
sources_following(
    struct sources *s, const char *path, struct flowd_error *err)
{
	struct catalogue c;
	const struct catalogue_entry *e = NULL;
	const char *found = NULL;

	catalogue_init(&c);
	err->text[0] = '\0';
	if (s->directory != NULL && read_directory(&c, s->directory, err) == 0)
		e = entry_behind(&c, path);
	if (e != NULL && e->start_sec < s->limit_sec &&
	    add_segment(s, e->name, err) == 0)
		found = s->path[s->n - 1];
	catalogue_fini(&c);
	return found;
}

bool
sources_is_segment(const struct sources *s, const char *path)
{
	size_t len = s->directory != NULL ? strlen(s->directory) : 0;

	return len > 0 && strncmp(path, s->directory, len) == 0 &&
	    path[len] == '/' && strchr(path + len + 1, '/') == NULL;
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

struct removed_sum
sources_missed(const struct sources *s, const char *first, bool unread,
    const char *last)
{
	struct removed_sum sum = { 0, 0, false };
	int fd = open(s->directory, O_RDONLY | O_DIRECTORY);
	struct removed removed;

	if (fd == -1)
		return sum;
	removed_load(&removed, fd);
	(void)close(fd);
	sum = removed_between(
	    &removed, base_name(first), unread, base_name(last));
	removed_fini(&removed);
	return sum;
}
