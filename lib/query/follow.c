/* What follows the end of a file; see follow.h. */
#include <sys/stat.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "follow.h"

static const int64_t second_ns = 1000000000;

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/*
 * The writer changes to a new file soon after creating it; until the new file
 * has data, the old one may still grow.
 */
static bool
follow_is_other(const struct stat *open, const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    !is_same(&st, open);
}

static bool
is_later(const struct stat *a, const struct stat *b)
{
	if (a->st_mtim.tv_sec != b->st_mtim.tv_sec)
		return a->st_mtim.tv_sec > b->st_mtim.tv_sec;
	return a->st_mtim.tv_nsec > b->st_mtim.tv_nsec;
}

/*
 * Are the names equal except for numbers in them: log.1 and log.12,
 * log-20261123?
 */
static bool
is_numbered_alike(const char *a, const char *b)
{
	static const char digits[] = "0123456789";

	while (*a != '\0' && *b != '\0') {
		size_t na = strspn(a, digits), nb = strspn(b, digits);

		if ((na == 0) != (nb == 0) || (na == 0 && *a != *b))
			return false;
		a += na > 0 ? na : 1;
		b += nb > 0 ? nb : 1;
	}
	return *a == *b;
}

/*
 * Files of a directory that rotation renamed, as it renamed the one that ended.
 */
struct renamed {
	const char *folder;
	int folder_len;
	const struct stat *ended;
	/* the new name of the file that ended; "": it is gone */
	char as[FOLLOW_PATH];
	/* the file that ended next after it; "": none */
	char found[FOLLOW_PATH];
	struct stat found_st;
};

static void
renamed_see(struct renamed *r, const char *name, const struct stat *st)
{
	if (is_same(st, r->ended)) {
		(void)snprintf(r->as, sizeof(r->as), "%s", name);
	} else if (r->as[0] != '\0' && st->st_size > 0 &&
		   is_numbered_alike(name, r->as) &&
		   is_later(st, r->ended) &&
		   (r->found[0] == '\0' || is_later(&r->found_st, st))) {
		(void)snprintf(r->found, sizeof(r->found), "%s", name);
		r->found_st = *st;
	}
}

/* Two passes: the new name must be known before the others are compared. */
static void
renamed_read(struct renamed *r)
{
	char folder[FOLLOW_PATH], path[2 * FOLLOW_PATH];
	struct dirent *entry;
	struct stat st;
	DIR *dir;

	(void)snprintf(folder, sizeof(folder), "%.*s", r->folder_len,
	    r->folder);
	if ((dir = opendir(folder)) == NULL)
		return;
	for (int turn = 0; turn < 2; turn++, rewinddir(dir))
		while ((entry = readdir(dir)) != NULL) {
			(void)snprintf(path, sizeof(path), "%s/%s", folder,
			    entry->d_name);
			if (lstat(path, &st) == 0 && S_ISREG(st.st_mode))
				renamed_see(r, entry->d_name, &st);
		}
	(void)closedir(dir);
}

const char *
follow_successor(
    const char *path, const struct stat *ended, char room[FOLLOW_PATH])
{
	const char *slash = strrchr(path, '/');
	struct renamed r = { .folder = slash != NULL ? path : ".",
		.folder_len = slash != NULL ? (int)(slash + 1 - path) : 1,
		.ended = ended };
	int len;

	renamed_read(&r);
	if (r.found[0] == '\0')
		return path;
	len = snprintf(room, FOLLOW_PATH, "%.*s%s",
	    slash != NULL ? r.folder_len : 0, path, r.found);
	return len > 0 && len < FOLLOW_PATH ? room : path;
}

bool
follow_is_over(int64_t before_ns, int64_t flush_ns)
{
	struct timespec now;

	if (before_ns == INT64_MAX)
		return false;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * second_ns - FOLLOW_LATE_SEC * second_ns -
	    flush_ns >= before_ns;
}

enum follow_next
follow_look(const struct scan_source *s, const char *path, int64_t before_ns)
{
	struct stat st;

	if (scan_source_stat(s, &st) &&
	    (uint64_t)st.st_size < scan_source_read(s).seen)
		return FOLLOW_SHORTER;
	if (path != NULL && scan_source_stat(s, &st) &&
	    follow_is_other(&st, path))
		return FOLLOW_OTHER;
	return follow_is_over(before_ns, scan_source_flush_ns(s)) ? FOLLOW_OVER
							     : FOLLOW_WAIT;
}
