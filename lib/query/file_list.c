/* The files that are read; see file_list.h. */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "file_list.h"

/* Clocks of exporters and of collectors differ, and flows come late. */
enum { SLACK_SEC = 3600 };

static const int64_t second_ns = 1000000000;

void
file_list_init(struct file_list *l)
{
	*l = (struct file_list){ .limit_sec = INT64_MAX };
}

void
file_list_fini(struct file_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->path[i]);
	free(l->path);
	free(l->begins);
	file_list_init(l);
}

static int
out_of_memory(struct flowd_error *err)
{
	return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
}

static char *
path_join(const char *directory, const char *name)
{
	size_t len = strlen(directory) + strlen(name) + 2;
	char *path = malloc(len);

	if (path != NULL)
		(void)snprintf(path, len, "%s/%s", directory, name);
	return path;
}

/* Room for one more, and the NULL behind it. False when out of memory. */
static bool
file_list_grow(struct file_list *l)
{
	size_t cap = l->cap < 16 ? 16 : l->cap * 2;
	char **paths;
	bool *begins;

	if (l->n + 1 < l->cap)
		return true;
	if ((paths = realloc(l->path, cap * sizeof(*paths))) == NULL)
		return false;
	l->path = paths;
	if ((begins = realloc(l->begins, cap * sizeof(*begins))) == NULL)
		return false;
	l->begins = begins;
	l->cap = cap;
	return true;
}

/* Takes over path, which may be NULL for want of memory. */
static int
file_list_add(
    struct file_list *l, char *path, bool begins, struct flowd_error *err)
{
	if (path == NULL || !file_list_grow(l)) {
		free(path);
		return out_of_memory(err);
	}
	l->begins[l->n] = begins;
	l->path[l->n++] = path;
	l->path[l->n] = NULL;
	return 0;
}

/* A segment of l->directory. */
static int
file_list_add_segment(
    struct file_list *l, const char *name, struct flowd_error *err)
{
	bool begins = !l->has_segment;

	l->has_segment = true;
	return file_list_add(l, path_join(l->directory, name), begins, err);
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
ns_to_sec(int64_t ns, bool up)
{
	if (ns == INT64_MIN || ns == INT64_MAX)
		return ns / 4 / second_ns * 4;
	return ns / second_ns + (up ? 1 : -1);
}

static int
file_list_add_segments(struct file_list *l, const struct timerange *range,
    struct flowd_error *err)
{
	const char *path = l->directory;
	struct catalogue c;
	size_t first, n;
	int bad;

	catalogue_init(&c);
	bad = read_directory(&c, path, err);
	n = catalogue_range(&c, ns_to_sec(range->after_ns, false),
	    ns_to_sec(range->before_ns, true), SLACK_SEC, &first);
	if (bad == 0 && c.n == 0 && !l->waits)
		bad = flowd_fail(err, FLOWD_EINVAL,
		    "%s: is a directory without segments of a flow log", path);
	for (size_t i = 0; bad == 0 && i < n; i++)
		bad = file_list_add_segment(l, c.entry[first + i].name, err);
	catalogue_fini(&c);
	return bad;
}

int
file_list_find(struct file_list *l, char *const *paths,
    const struct timerange *range, struct flowd_error *err)
{
	struct stat st;
	int bad = 0;

	/* There is a list in any case. */
	l->path = calloc(1, sizeof(*l->path));
	if (l->path == NULL)
		return out_of_memory(err);
	l->cap = 1;
	l->named = paths;
	if (range->before_ns != INT64_MAX)
		l->limit_sec = ns_to_sec(range->before_ns, true) + SLACK_SEC;
	for (; bad == 0 && *paths != NULL; paths++) {
		bool directory = strcmp(*paths, "-") != 0 &&
		    stat(*paths, &st) == 0 && S_ISDIR(st.st_mode);

		l->directory = directory ? *paths : NULL;
		l->has_segment = false;
		bad = directory ? file_list_add_segments(l, range, err)
				: file_list_add(l, strdup(*paths), true, err);
	}
	return bad;
}

bool
file_list_gone(const struct file_list *l, const char *path)
{
	for (size_t i = 0; l->named[i] != NULL; i++)
		if (strcmp(l->named[i], path) == 0)
			return false;
	return access(path, F_OK) == -1 && errno == ENOENT;
}

int
file_list_check(const struct file_list *l, struct flowd_error *err)
{
	for (size_t i = 0; i < l->n; i++) {
		const char *path = l->path[i];

		if (strcmp(path, "-") == 0 || access(path, R_OK) == 0 ||
		    file_list_gone(l, path))
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
file_list_following(
    struct file_list *l, const char *path, struct flowd_error *err)
{
	struct catalogue c;
	const struct catalogue_entry *e = NULL;
	const char *found = NULL;

	catalogue_init(&c);
	err->text[0] = '\0';
	if (l->directory != NULL && read_directory(&c, l->directory, err) == 0)
		e = entry_behind(&c, path);
	if (e != NULL && e->start_sec < l->limit_sec &&
	    file_list_add_segment(l, e->name, err) == 0)
		found = l->path[l->n - 1];
	catalogue_fini(&c);
	return found;
}

bool
file_list_is_segment(const struct file_list *l, const char *path)
{
	size_t len = l->directory != NULL ? strlen(l->directory) : 0;

	return len > 0 && strncmp(path, l->directory, len) == 0 &&
	    path[len] == '/' && strchr(path + len + 1, '/') == NULL;
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

struct removed_sum
file_list_missed(const struct file_list *l, const char *first, bool unread,
    const char *last)
{
	struct removed_sum sum = { 0, 0, false };
	int fd = open(l->directory, O_RDONLY | O_DIRECTORY);
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
