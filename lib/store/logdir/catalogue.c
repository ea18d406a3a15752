/* Segments in a directory; see catalogue.h. */
#define _DEFAULT_SOURCE /* timegm(3), which the BSDs and musl have, too */
#include <sys/stat.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "catalogue.h"

void
catalogue_init(struct catalogue *c)
{
	*c = (struct catalogue){ NULL, 0, 0 };
}

void
catalogue_fini(struct catalogue *c)
{
	free(c->entry);
	catalogue_init(c);
}

void
catalogue_name(int64_t start_sec, uint32_t number, char name[CATALOGUE_NAME])
{
	time_t t = (time_t)start_sec;
	struct tm tm = { 0 };
	size_t n;

	(void)gmtime_r(&t, &tm);
	n = strftime(name, CATALOGUE_NAME, "%Y%m%dT%H%M%SZ", &tm);
	if (number > 0)
		n += (size_t)snprintf(name + n, CATALOGUE_NAME - n,
		    "-%" PRIu32, number);
	(void)snprintf(name + n, CATALOGUE_NAME - n, ".flow");
}

/* Parses n digits; -1 if there are fewer. */
static int
digits_parse(const char **p, int n)
{
	int v = 0;

	for (; n > 0; n--, ++*p) {
		if (**p < '0' || **p > '9')
			return -1;
		v = v * 10 + (**p - '0');
	}
	return v;
}

static bool
parse_time(const char **p, int64_t *sec)
{
	struct tm tm = { 0 };

	tm.tm_year = digits_parse(p, 4) - 1900;
	tm.tm_mon = digits_parse(p, 2) - 1;
	tm.tm_mday = digits_parse(p, 2);
	if (*(*p)++ != 'T')
		return false;
	tm.tm_hour = digits_parse(p, 2);
	tm.tm_min = digits_parse(p, 2);
	tm.tm_sec = digits_parse(p, 2);
	if (*(*p)++ != 'Z')
		return false;
	*sec = timegm(&tm);
	return true;
}

/* A name is valid only if it prints the same again. */
bool
catalogue_parse(const char *name, int64_t *start_sec, uint32_t *number)
{
	char again[CATALOGUE_NAME];
	const char *p = name;
	unsigned long v = 0;

	if (strlen(name) < sizeof("20260101T000000Z.flow") - 1 ||
	    !parse_time(&p, start_sec))
		return false;
	if (*p == '-')
		v = strtoul(p + 1, NULL, 10);
	*number = (uint32_t)v;
	catalogue_name(*start_sec, *number, again);
	return strcmp(name, again) == 0;
}

int
catalogue_add(struct catalogue *c, const char *name, uint64_t size)
{
	struct catalogue_entry e = { .size = size,
		.changed_sec = INT64_MAX, .noted_sec = INT64_MAX };

	if (!catalogue_parse(name, &e.start_sec, &e.number))
		return 0;
	(void)snprintf(e.name, sizeof(e.name), "%s", name);
	if (c->n == c->cap) {
		size_t cap = c->cap == 0 ? 64 : c->cap * 2;
		void *more = realloc(c->entry, cap * sizeof(*c->entry));

		if (more == NULL)
			return FLOWD_ENOMEM;
		c->entry = more;
		c->cap = cap;
	}
	c->entry[c->n++] = e;
	return 0;
}

static int
entry_compare(const void *a, const void *b)
{
	const struct catalogue_entry *x = a, *y = b;

	if (x->start_sec != y->start_sec)
		return x->start_sec < y->start_sec ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

void
catalogue_sort(struct catalogue *c)
{
	if (c->n > 0)
		qsort(c->entry, c->n, sizeof(*c->entry), entry_compare);
}

static int
read_names(struct catalogue *c, DIR *dir)
{
	struct dirent *d;
	struct stat st;

	while ((d = readdir(dir)) != NULL) {
		int64_t sec;
		uint32_t number;

		if (!catalogue_parse(d->d_name, &sec, &number) ||
		    fstatat(dirfd(dir), d->d_name, &st,
			AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
			continue;
		if (catalogue_add(c, d->d_name, (uint64_t)st.st_size) != 0)
			return FLOWD_ENOMEM;
		c->entry[c->n - 1].dev = st.st_dev;
		c->entry[c->n - 1].ino = st.st_ino;
		c->entry[c->n - 1].changed_sec = st.st_mtime;
		c->entry[c->n - 1].noted_sec = st.st_ctime;
	}
	return 0;
}

int
catalogue_read(struct catalogue *c, int dirfd, struct flowd_error *err)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), bad;
	DIR *dir = fd != -1 ? fdopendir(fd) : NULL;

	if (dir == NULL) {
		bad = flowd_fail_errno(err, "cannot read the directory");
		if (fd != -1)
			(void)close(fd);
		return bad;
	}
	bad = read_names(c, dir);
	(void)closedir(dir);
	catalogue_sort(c);
	return bad == 0 ? 0 : flowd_fail(err, bad, "out of memory");
}

int64_t
catalogue_end(const struct catalogue *c, size_t i)
{
	int64_t start_sec = c->entry[i].start_sec;

	while (i < c->n && c->entry[i].start_sec == start_sec)
		i++;
	return i < c->n ? c->entry[i].start_sec : INT64_MAX;
}

size_t
catalogue_range(const struct catalogue *c, int64_t after_sec,
    int64_t before_sec, int64_t slack_sec, size_t *first)
{
	size_t end = c->n, begin = 0;

	while (end > 0 && c->entry[end - 1].start_sec - slack_sec >= before_sec)
		end--;
	while (begin + 1 < end &&
	    catalogue_end(c, begin) <= after_sec - slack_sec)
		begin++;
	*first = begin;
	return end - begin;
}
