/* The files of a scan; see file_list.h. */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "file_list.h"

/* The clocks of exporters and collectors differ, and flows arrive late. */
enum { SLACK_SEC = 3600 };

static const int64_t second_ns = 1000000000;

void
file_list_init(struct file_list *l)
{
	*l = (struct file_list){ .follows = false };
	segment_watch_init(&l->watch);
}

void
file_list_fini(struct file_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->path[i]);
	free(l->path);
	free(l->place);
	segment_watch_fini(&l->watch);
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

/* Make room for one more and the final NULL. False when out of memory. */
static bool
file_list_grow(struct file_list *l)
{
	size_t cap = l->cap < 16 ? 16 : l->cap * 2;
	enum file_place *places;
	char **paths;

	if (l->n + 1 < l->cap)
		return true;
	if ((paths = realloc(l->path, cap * sizeof(*paths))) == NULL)
		return false;
	l->path = paths;
	if ((places = realloc(l->place, cap * sizeof(*places))) == NULL)
		return false;
	l->place = places;
	l->cap = cap;
	return true;
}

/* Takes over path; NULL: out of memory. */
static int
file_list_add(struct file_list *l, char *path, enum file_place place,
    struct flowd_error *err)
{
	if (path == NULL || !file_list_grow(l)) {
		free(path);
		return out_of_memory(err);
	}
	l->place[l->n] = place;
	l->path[l->n++] = path;
	l->path[l->n] = NULL;
	return 0;
}

static int
read_directory(
    struct catalogue *c, const char *path, struct flowd_error *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY), bad;
	struct flowd_error why;

	if (fd == -1)
		return flowd_fail_errno(err, "%s", path);
	bad = catalogue_read(c, fd, &why);
	(void)close(fd);
	return bad == 0
	    ? 0
	    : flowd_fail_because(err, &why, "%s: %s", path, why.text);
}

/*
 * Rounds up or down; an unlimited time becomes one beyond all names, with room
 * for the slack.
 */
static int64_t
ns_to_sec(int64_t ns, bool up)
{
	if (ns == INT64_MIN || ns == INT64_MAX)
		return ns / 2;
	return ns / second_ns + (up ? 1 : -1);
}

/* Segments that begin at this time or later have no flow of the range. */
static int64_t
range_limit_sec(const struct timerange *range)
{
	return range->before_ns != INT64_MAX
	    ? ns_to_sec(range->before_ns, true) + SLACK_SEC
	    : INT64_MAX;
}

static int
file_list_add_segments(struct file_list *l, const char *path,
    const struct timerange *range, bool follows, struct flowd_error *err)
{
	struct catalogue c;
	size_t first, n;
	int bad;

	catalogue_init(&c);
	bad = read_directory(&c, path, err);
	n = catalogue_range(&c, ns_to_sec(range->after_ns, false),
	    ns_to_sec(range->before_ns, true), SLACK_SEC, &first);
	if (bad == 0 && c.n == 0 && !follows && !l->allows_empty)
		bad = flowd_fail(err, FLOWD_EINVAL,
		    "%s: is a directory without segments of a flow log", path);
	for (size_t i = 0; bad == 0 && i < n; i++)
		bad = file_list_add(l,
		    path_join(path, c.entry[first + i].name),
		    i == 0 ? FILE_FIRST : FILE_LATER, err);
	if (bad == 0 && follows &&
	    segment_watch_begin(&l->watch, path, &c, first, n,
		range_limit_sec(range)) != 0)
		bad = out_of_memory(err);
	catalogue_fini(&c);
	return bad;
}

int
file_list_find(struct file_list *l, char *const *paths,
    const struct timerange *range, struct flowd_error *err)
{
	struct stat st;
	int bad = 0;

	/* The list exists even if it is empty. */
	l->path = calloc(1, sizeof(*l->path));
	if (l->path == NULL)
		return out_of_memory(err);
	l->cap = 1;
	l->named = paths;
	for (; bad == 0 && *paths != NULL; paths++) {
		bool follows = l->follows && paths[1] == NULL;

		if (strcmp(*paths, "-") != 0 && stat(*paths, &st) == 0 &&
		    S_ISDIR(st.st_mode))
			bad = file_list_add_segments(
			    l, *paths, range, follows, err);
		else
			bad = file_list_add(
			    l, strdup(*paths), FILE_NAMED, err);
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
		return flowd_fail_errno(err, "%s", path);
	}
	return 0;
}
