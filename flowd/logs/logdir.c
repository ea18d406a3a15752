/* A directory of segments; see logdir.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "log_access.h"
#include "logdir.h"
#include "process.h"
#include "rotation.h"
#include "seed.h"
#include "segment_index.h"

enum {
	NUMBERS_MAX = 10000, /* highest number of segments in one second */
	LOOK_SOME = 512, /* segments examined per iteration */
	BEGIN_AGAIN_SEC = 5
};

/*
 * Remove a temporary file, unless a sealer that still writes to it holds its
 * lock.
 */
static void
remove_beside(int dirfd, const char *beside)
{
	int fd = file_open_read(dirfd, beside);

	if (fd == -1 || flock(fd, LOCK_EX | LOCK_NB) == 0 ||
	    errno != EWOULDBLOCK)
		(void)unlinkat(dirfd, beside, 0);
	if (fd != -1)
		(void)close(fd);
}

/* Is this a temporary file that an interrupted seal or save left? */
static bool
is_left(const char *file)
{
	char name[CATALOGUE_NAME];
	uint32_t number;
	int64_t sec;

	return file_is_beside(file, name, sizeof(name)) &&
	    (catalogue_parse(name, &sec, &number) ||
		retention_is_file(name));
}

static void
remove_left(int dirfd)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd != -1 ? fdopendir(fd) : NULL;
	struct dirent *e;

	if (dir == NULL) {
		if (fd != -1)
			(void)close(fd);
		return;
	}
	while ((e = readdir(dir)) != NULL)
		if (is_left(e->d_name))
			remove_beside(dirfd, e->d_name);
	(void)closedir(dir);
}

/* The state of a segment file: sealed or not, and its last modification. */
struct look {
	bool sealed;
	int64_t written_sec;
};

static bool
look_at(int dirfd, const char *name, struct look *look)
{
	int fd = file_open_read(dirfd, name);
	uint8_t tail[INDEX_TAIL];
	struct stat st;
	bool good;

	if (fd == -1)
		return false;
	good = fstat(fd, &st) == 0;
	if (good) {
		look->written_sec = (int64_t)st.st_mtime;
		look->sealed = st.st_size >= INDEX_TAIL &&
		    pread(fd, tail, sizeof(tail), st.st_size - INDEX_TAIL) ==
			INDEX_TAIL &&
		    segment_index_ends(tail);
	}
	(void)close(fd);
	return good;
}

static bool
is_named(const struct logdir_segment *segment, const char *name)
{
	return strcmp(segment->name, name) == 0;
}

static void
find_if_unsealed(struct logdir *d, const struct catalogue *c, size_t i)
{
	const struct catalogue_entry *e = &c->entry[i];
	struct logdir_segment s = { .start_sec = e->start_sec };
	struct look look;

	if (is_named(&d->now, e->name) || is_named(&d->old, e->name) ||
	    !look_at(d->fd, e->name, &look) || look.sealed)
		return;
	memcpy(s.name, e->name, sizeof(s.name));
	s.end_sec = catalogue_end(c, i);
	if (s.end_sec == INT64_MAX)
		s.end_sec = look.written_sec;
	if (s.end_sec < s.start_sec)
		s.end_sec = s.start_sec;
	unsealed_add(&d->unsealed, &s);
}

static bool
is_looked_at(const struct logdir_search *at, const struct catalogue_entry *e)
{
	if (e->start_sec != at->start_sec)
		return e->start_sec < at->start_sec;
	return e->number <= at->number;
}

/* Examine the next LOOK_SOME segments of the catalogue. */
static void
find_unsealed_in(struct logdir *d, const struct catalogue *c)
{
	unsigned looks = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct catalogue_entry *e = &c->entry[i];

		if (is_looked_at(&d->search, e))
			continue;
		if (looks++ == LOOK_SOME)
			return;
		find_if_unsealed(d, c, i);
		d->search.start_sec = e->start_sec;
		d->search.number = e->number;
	}
	d->search.under_way = false;
}

/* Continue the search for unsealed segments, for a limited time. */
static int
find_unsealed(struct logdir *d, struct flowd_error *err)
{
	struct catalogue c;
	int bad;

	catalogue_init(&c);
	bad = catalogue_read(&c, d->fd, err);
	if (bad == 0)
		find_unsealed_in(d, &c);
	else
		d->search.under_way = false;
	catalogue_fini(&c);
	return bad;
}

/* Start to search the directory from the beginning. */
static void
begin_search(struct logdir *d)
{
	d->search = (struct logdir_search){ .under_way = true,
		.start_sec = INT64_MIN };
	d->unsealed.overflow = false;
}

/* Set the directory's mode and group: readers of its files may search it. */
static int
give_directory(int fd, const struct file_access *access)
{
	struct file_access its = *access;

	if (access->mode == 0 && !access->has_group)
		return 0;
	its.mode |= 0100 | (its.mode & 0444) >> 2;
	return file_give(fd, &its);
}

/* Open or create the directory. Returns a descriptor, or -1 and errno. */
static int
open_directory(const char *path, const struct file_access *may)
{
	int fd;

	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return -1;
	fd = file_open_directory(path);
	if (fd != -1 && (access(path, W_OK | X_OK) != 0 ||
			    give_directory(fd, may) != 0)) {
		int saved = errno;

		(void)close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

int
logdir_open(struct logdir *d, const struct logdir_conf *conf,
    struct flowd_error *err)
{
	struct flowd_error why;
	int bad;

	*d = (struct logdir){ .conf = *conf, .fd = -1, .changed = true };
	d->path = strdup(conf->path);
	if (d->path == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	if (log_access_find(&conf->access, &d->access, &why) != 0) {
		bad = flowd_fail(err, FLOWD_EINVAL, "logdir %s: %s", d->path,
		    why.text);
		logdir_close(d);
		return bad;
	}
	d->fd = open_directory(d->path, &d->access);
	if (d->fd == -1) {
		bad = flowd_fail(err, FLOWD_EIO, "logdir %s: %s", d->path,
		    strerror(errno));
		logdir_close(d);
		return bad;
	}
	remove_left(d->fd);
	begin_search(d);
	bad = find_unsealed(d, &why);
	if (bad != 0) {
		(void)flowd_fail(err, bad, "logdir %s: %s", d->path, why.text);
		logdir_close(d);
	}
	return bad;
}

/* Remove an empty segment, unless a writer holds its lock. */
static void
remove_empty(const struct logdir *d, const char *name)
{
	int fd = name[0] != '\0' ? file_open_read(d->fd, name) : -1;
	struct stat st;

	if (fd == -1)
		return;
	if (flock(fd, LOCK_SH | LOCK_NB) == 0 && fstat(fd, &st) == 0 &&
	    st.st_size == 0)
		(void)unlinkat(d->fd, name, 0);
	(void)close(fd);
}

void
logdir_close(struct logdir *d)
{
	if (d->sealing.name[0] != '\0')
		(void)unlinkat(d->fd, d->beside, 0);
	remove_empty(d, d->now.name);
	remove_empty(d, d->old.name);
	for (size_t i = 0; i < d->unsealed.n; i++)
		remove_empty(d, d->unsealed.at[i].segment.name);
	retention_end(&d->retention, &(struct retention_look){
	    .path = d->path, .dirfd = d->fd, .access = &d->access });
	if (d->fd != -1)
		(void)close(d->fd);
	unsealed_fini(&d->unsealed);
	free(d->path);
	*d = (struct logdir){ .fd = -1 };
}

void
logdir_configure(struct logdir *d, const struct logdir_conf *conf)
{
	struct file_access access;
	struct flowd_error err;

	d->conf = *conf;
	d->changed = true;
	if (log_access_find(&conf->access, &access, &err) == 0)
		d->access = access;
	else
		log_error("logdir %s: %s", d->path, err.text);
	if (give_directory(d->fd, &d->access) != 0)
		log_error("logdir %s: cannot set its mode and group: %s",
		    d->path, strerror(errno));
}

/*
 * Did starting a segment fail within the last BEGIN_AGAIN_SEC? A clock that was
 * set back ends the delay.
 */
static bool
is_put_off(const struct logdir *d, int64_t now_sec)
{
	return now_sec < d->again_sec &&
	    d->again_sec - now_sec <= BEGIN_AGAIN_SEC;
}

bool
logdir_due(const struct logdir *d, int64_t now_sec)
{
	if (d->old.name[0] != '\0' || is_put_off(d, now_sec))
		return false;
	return d->now.name[0] == '\0' || now_sec >= d->until_sec ||
	    rotation_due(d->now.start_sec, d->conf.rotate_sec, now_sec);
}

/* The name of the next segment, and where it must end. */
struct position {
	int64_t start_sec;
	uint32_t number; /* among segments of that second */
	int64_t until_sec; /* start of the next later segment */
};

/*
 * Use a number above all existing ones of that second. A free lower number
 * (empty segments are removed) would sort before later segments.
 */
static void
take_name(struct position *p, int64_t sec, uint32_t number)
{
	if (sec == p->start_sec && number >= p->number)
		p->number = number + 1;
}

/*
 * Segments with a start in the future mean that the clock was set back.
 * Segments must not overlap, so that a search by time finds all flows: take the
 * start second of the last segment before now, with the next number, and end
 * before the first future one.
 */
static void
take_future_name(struct position *p, int64_t sec, uint32_t number,
    int64_t now_sec)
{
	if (sec > now_sec && sec < p->until_sec)
		p->until_sec = sec;
	if (sec <= now_sec && sec > p->start_sec) {
		p->start_sec = sec;
		p->number = 0;
	}
	take_name(p, sec, number);
}

static bool
find_place(int dirfd, const struct logdir_conf *conf, int64_t start_sec,
    int64_t now_sec, struct position *p)
{
	const struct position usual = { start_sec, 0, INT64_MAX };
	int64_t multiple = now_sec / conf->rotate_sec * conf->rotate_sec;
	struct position back = { multiple - 1, 0, INT64_MAX };
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd != -1 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	uint32_t number;
	int64_t sec;

	*p = usual;
	if (dir == NULL) {
		if (fd != -1)
			(void)close(fd);
		return false;
	}
	while ((entry = readdir(dir)) != NULL)
		if (catalogue_parse(entry->d_name, &sec, &number)) {
			take_name(p, sec, number);
			take_future_name(&back, sec, number, now_sec);
		}
	(void)closedir(dir);
	if (p->number >= NUMBERS_MAX)
		p->number = 0;
	p->until_sec = back.until_sec;
	if (back.until_sec != INT64_MAX && back.start_sec >= multiple)
		*p = back;
	return true;
}

/* Create the next segment. Returns a descriptor, or -1 and errno. */
static int
segment_create(struct logdir *d, int64_t now_sec, struct logdir_segment *next)
{
	struct position p;
	int fd;

	next->start_sec = rotation_start(d->now.name[0] != '\0'
		? d->now.start_sec : 0, d->conf.rotate_sec, now_sec);
	catalogue_name(next->start_sec, 0, next->name);
	if (!find_place(d->fd, &d->conf, next->start_sec, now_sec, &p))
		return -1;
	for (; p.number < NUMBERS_MAX; p.number++) {
		catalogue_name(p.start_sec, p.number, next->name);
		/*
		 * Readable, too: after a crash the next writer reads the end.
		 */
		fd = file_create(
		    d->fd, next->name, O_RDWR | O_APPEND, &d->access);
		if (fd == -1 && errno == EEXIST)
			continue;
		next->start_sec = next->end_sec = p.start_sec;
		d->until_sec = p.until_sec;
		return fd;
	}
	errno = EEXIST;
	return -1;
}

/* Open the directory that is at the path now. */
static bool
open_again(struct logdir *d)
{
	int fd = open_directory(d->path, &d->access);

	if (fd == -1)
		return false;
	(void)close(d->fd);
	d->fd = fd;
	unsealed_fini(&d->unsealed);
	begin_search(d);
	return true;
}

/* Was the directory renamed, or a file system mounted over it? */
static bool
is_elsewhere(const struct logdir *d)
{
	struct stat here, there;

	if (fstat(d->fd, &here) != 0)
		return false;
	if (stat(d->path, &there) != 0)
		return errno == ENOENT && here.st_nlink > 0;
	return here.st_dev != there.st_dev || here.st_ino != there.st_ino;
}

/*
 * Switch to the directory that is at the path now, unless sealing is in
 * progress. If that fails, keep using the old one.
 */
static void
follow_path(struct logdir *d)
{
	d->failed.text[0] = '\0';
	if (d->sealing.name[0] != '\0' || !is_elsewhere(d))
		return;
	if (open_again(d)) {
		log_limited(LOG_KIND_LOGDIR, "logdir %s: the path is another "
		    "directory now; segments in the old one stay there",
		    d->path);
		return;
	}
	(void)flowd_fail(&d->failed, FLOWD_EIO, "cannot open %s: %s; still "
	    "writing to the old directory", d->path, strerror(errno));
	log_limited(LOG_KIND_LOGDIR, "logdir: %s", d->failed.text);
}

static int64_t
later_sec(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void
log_clock_back(const struct logdir *d, int64_t now_sec)
{
	if (d->now.name[0] != '\0' &&
	    now_sec < d->now.start_sec - ROTATION_BACK_SEC)
		log_limited(LOG_KIND_LOGDIR,
		    "logdir %s: the clock was set back to before the start of "
		    "%s: starting another segment", d->path, d->now.name);
}

bool
logdir_is_fresh(const struct logdir *d, int fd)
{
	struct stat st, there;

	return d->now.name[0] != '\0' && fd != -1 && fstat(fd, &st) == 0 &&
	    st.st_size == 0 && !is_elsewhere(d) &&
	    fstatat(d->fd, d->now.name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    there.st_dev == st.st_dev && there.st_ino == st.st_ino;
}

int
logdir_begin(struct logdir *d, int64_t now_sec)
{
	struct logdir_segment next;
	int fd;

	follow_path(d);
	log_clock_back(d, now_sec);
	fd = segment_create(d, now_sec, &next);
	if (fd == -1 && (errno == ENOENT || errno == ESTALE) && open_again(d))
		fd = segment_create(d, now_sec, &next);
	if (fd == -1) {
		(void)flowd_fail(&d->failed, FLOWD_EIO, "cannot create %s: %s",
		    next.name, strerror(errno));
		log_limited(LOG_KIND_LOGDIR, "logdir %s: %s", d->path,
		    d->failed.text);
		d->again_sec = now_sec + BEGIN_AGAIN_SEC;
		return -1;
	}
	/* flock(2) lasts while any process has this open file. */
	(void)flock(fd, LOCK_EX | LOCK_NB);
	d->old = d->now;
	d->old.end_sec = later_sec(d->old.start_sec, next.start_sec);
	d->now = next;
	d->again_sec = 0;
	d->changed = true;
	return fd;
}

void
logdir_released(struct logdir *d)
{
	if (d->old.name[0] == '\0')
		return;
	unsealed_add(&d->unsealed, &d->old);
	d->old.name[0] = '\0';
}

void
logdir_end(struct logdir *d, int64_t now_sec)
{
	logdir_released(d);
	d->old = d->now;
	d->old.end_sec = later_sec(d->now.start_sec, now_sec);
	d->now.name[0] = '\0';
	logdir_released(d);
	d->ended = true;
}

/*
 * Open a finished segment for reading. -1: it was removed, is no regular file,
 * was empty (then it is removed), or is locked by another process.
 */
static int
open_finished(struct logdir *d, const char *name, int64_t now_ms)
{
	int fd = file_open_read(d->fd, name);
	struct stat st;

	if (fd != -1 && flock(fd, LOCK_SH | LOCK_NB) != 0 &&
	    errno == EWOULDBLOCK) {
		(void)close(fd);
		unsealed_failed(&d->unsealed, name, now_ms);
		return -1;
	}
	if (fd != -1 && fstat(fd, &st) == 0) {
		if (st.st_size > 0)
			return fd;
		(void)unlinkat(d->fd, name, 0);
	}
	if (fd != -1)
		(void)close(fd);
	unsealed_remove(&d->unsealed, name);
	return -1;
}

static void
seal_failed(struct logdir *d, const char *name, int64_t now_ms)
{
	d->seal_failures++;
	unsealed_failed(&d->unsealed, name, now_ms);
}

static bool
open_job(struct logdir *d, const struct logdir_segment *s, int64_t now_ms,
    struct logdir_job *job)
{
	job->from = open_finished(d, s->name, now_ms);
	if (job->from == -1)
		return false;
	job->to = file_create_beside(
	    d->fd, s->name, &d->access, d->beside);
	if (job->to != -1) {
		(void)flock(job->to, LOCK_EX | LOCK_NB);
		return true;
	}
	log_limited(LOG_KIND_LOGDIR, "logdir %s: cannot seal %s: %s",
	    d->path, s->name, strerror(errno));
	(void)close(job->from);
	seal_failed(d, s->name, now_ms);
	return false;
}

struct block_options
logdir_seal_options(const struct logdir *d)
{
	return (struct block_options){ .compression = d->conf.compression,
		.level = d->conf.level != 0 ? d->conf.level : 1,
		.seed = seed_draw() };
}

/* Continue the search when no known segment is due. */
static void
search_on(struct logdir *d, int64_t now_ms)
{
	struct flowd_error err;

	if (d->unsealed.n == 0 && d->unsealed.overflow)
		begin_search(d);
	if (d->search.under_way &&
	    unsealed_next(&d->unsealed, now_ms) == NULL &&
	    find_unsealed(d, &err) != 0)
		log_limited(LOG_KIND_LOGDIR, "logdir %s: %s: the remaining "
		    "segments are sealed after the next start", d->path,
		    err.text);
}

bool
logdir_is_searched(const struct logdir *d)
{
	return !d->search.under_way &&
	    !(d->unsealed.n == 0 && d->unsealed.overflow);
}

bool
logdir_seal_begin(struct logdir *d, int64_t now_ms, struct logdir_job *job)
{
	const struct logdir_segment *next;

	if (d->sealing.name[0] != '\0')
		return false;
	search_on(d, now_ms);
	while ((next = unsealed_next(&d->unsealed, now_ms)) != NULL) {
		/* A copy: open_job() may change the list. */
		struct logdir_segment segment = *next;

		if (!open_job(d, &segment, now_ms, job))
			continue;
		d->sealing = segment;
		return true;
	}
	return false;
}

/*
 * Rename the sealed file over the old one. If the old one was removed
 * meanwhile, do not bring it back.
 */
static bool
put_in_place(struct logdir *d, const char *name)
{
	struct stat st;

	if (fstatat(d->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 &&
	    errno == ENOENT) {
		unsealed_remove(&d->unsealed, name);
		return false;
	}
	if (renameat(d->fd, d->beside, d->fd, name) != 0) {
		log_limited(LOG_KIND_LOGDIR, "logdir %s: cannot rename %s: %s",
		    d->path, d->beside, strerror(errno));
		return false;
	}
	(void)fsync(d->fd);
	return true;
}

bool
logdir_seal_end(struct logdir *d, int64_t now_ms, enum logdir_sealed how,
    struct logdir_segment *segment)
{
	bool placed;

	*segment = d->sealing;
	d->sealing.name[0] = '\0';
	placed = how == LOGDIR_SEALED && put_in_place(d, segment->name);
	if (!placed)
		(void)unlinkat(d->fd, d->beside, 0);
	if (placed || how == LOGDIR_SEALED_BEFORE)
		unsealed_remove(&d->unsealed, segment->name);
	else
		seal_failed(d, segment->name, now_ms);
	d->changed |= placed;
	return placed;
}

void
logdir_retain(struct logdir *d, int64_t now_sec, int64_t now_ms)
{
	const struct retention_look at = {
		.conf = &d->conf,
		.path = d->path,
		.dirfd = d->fd,
		.access = &d->access,
		.in_use = d->old.name[0] != '\0' ? d->old.name
		    : d->now.name[0] != '\0' ? d->now.name : NULL,
		.begun = d->now.name,
		.now_sec = now_sec,
		.now_ms = now_ms,
	};

	retention_clock(&d->retention, &at);
	retention_run(&d->retention, &at, d->changed);
	d->changed = false;
}

static int64_t
earlier_sec(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t
logdir_wake_sec(const struct logdir *d, int64_t now_sec)
{
	int64_t wake;

	if (d->old.name[0] != '\0' || d->ended)
		return INT64_MAX;
	wake = d->now.name[0] == '\0' ? now_sec
	    : earlier_sec(d->until_sec,
		rotation_end(d->now.start_sec, d->conf.rotate_sec));
	if (wake <= now_sec && is_put_off(d, now_sec))
		wake = d->again_sec;
	return wake < now_sec ? now_sec : wake;
}

int64_t
logdir_wake_ms(const struct logdir *d, bool can_seal, int64_t now_ms)
{
	int64_t wake = INT64_MAX, look;

	if (can_seal && d->sealing.name[0] == '\0')
		wake = logdir_is_searched(d) ? unsealed_due(&d->unsealed)
					     : now_ms;
	if (!d->ended) {
		look = retention_due_ms(
		    &d->retention, &d->conf, d->changed, now_ms);
		wake = look < wake ? look : wake;
	}
	return wake < now_ms ? now_ms : wake;
}
