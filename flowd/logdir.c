/* A directory of segments; see logdir.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "daemonlog.h"
#include "index.h"
#include "logdir.h"
#include "process.h"
#include "retain.h"
#include "rotation.h"

enum {
	NUMBERS_MAX = 10000, /* segments of one second */
	BEGIN_AGAIN_SEC = 5,
	RETAIN_SEC = 60,
	RETAIN_SHORT_SEC = 5 /* when there is little room */
};

/* One that somebody is still sealing into is locked. */
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

/* What was left beside a segment when its sealing did not end. */
static bool
is_left(const char *file)
{
	char name[CATALOGUE_NAME];
	uint32_t number;
	int64_t sec;

	return file_is_beside(file, name, sizeof(name)) &&
	    catalogue_parse(name, &sec, &number);
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

/* Of a file: whether it is sealed, and when it was last written to. */
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
		    index_ends(tail);
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
find_unsealed_in(struct logdir *d, const struct catalogue *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct catalogue_entry *e = &c->entry[i];
		struct logdir_segment s = { .start_sec = e->start_sec };
		struct look look;

		if (is_named(&d->now, e->name) || is_named(&d->old, e->name) ||
		    !look_at(d->fd, e->name, &look) || look.sealed)
			continue;
		memcpy(s.name, e->name, sizeof(s.name));
		s.end_sec = i + 1 < c->n ? c->entry[i + 1].start_sec
					 : look.written_sec;
		if (s.end_sec < s.start_sec)
			s.end_sec = s.start_sec;
		unsealed_add(&d->unsealed, &s);
	}
}

/* Look the whole directory through. */
static int
find_unsealed(struct logdir *d, struct flowd_error *err)
{
	struct catalogue c;
	int bad;

	catalogue_init(&c);
	d->unsealed.overflow = false;
	bad = catalogue_read(&c, d->fd, err);
	if (bad == 0)
		find_unsealed_in(d, &c);
	catalogue_fini(&c);
	return bad;
}

/* Its descriptor, or -1 and errno. */
static int
open_directory(const char *path)
{
	int fd;

	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return -1;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd != -1 && access(path, W_OK | X_OK) != 0) {
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
	d->fd = open_directory(d->path);
	if (d->fd == -1) {
		bad = flowd_fail(err, FLOWD_EIO, "logdir %s: %s", d->path,
		    strerror(errno));
		logdir_close(d);
		return bad;
	}
	remove_left(d->fd);
	bad = find_unsealed(d, &why);
	if (bad != 0) {
		(void)flowd_fail(err, bad, "logdir %s: %s", d->path, why.text);
		logdir_close(d);
	}
	return bad;
}

void
logdir_close(struct logdir *d)
{
	if (d->sealing.name[0] != '\0')
		(void)unlinkat(d->fd, d->beside, 0);
	if (d->fd != -1)
		(void)close(d->fd);
	unsealed_fini(&d->unsealed);
	free(d->path);
	*d = (struct logdir){ .fd = -1 };
}

void
logdir_configure(struct logdir *d, const struct logdir_conf *conf)
{
	d->conf = *conf;
	d->changed = true;
}

bool
logdir_due(const struct logdir *d, int64_t now_sec)
{
	if (d->old.name[0] != '\0' || (now_sec < d->again_sec &&
		d->again_sec - now_sec <= BEGIN_AGAIN_SEC))
		return false;
	return d->now.name[0] == '\0' ||
	    rotation_due(d->now.start_sec, d->conf.rotate_sec, now_sec);
}

/*
 * Behind all segments of that time: a number that is free again, as those
 * without flows are removed, would put it in front of some.
 */
static uint32_t
next_number(int dirfd, int64_t start_sec)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd != -1 ? fdopendir(fd) : NULL;
	uint32_t next = 0, number;
	struct dirent *entry;
	int64_t sec;

	if (dir == NULL) {
		if (fd != -1)
			(void)close(fd);
		return 0;
	}
	while ((entry = readdir(dir)) != NULL)
		if (catalogue_parse(entry->d_name, &sec, &number) &&
		    sec == start_sec && number >= next)
			next = number + 1;
	(void)closedir(dir);
	return next < NUMBERS_MAX ? next : 0;
}

/* Returns a descriptor, or -1 and errno. */
static int
create(int dirfd, int64_t start_sec, char name[CATALOGUE_NAME])
{
	const struct file_access access = { .mode = 0 };
	int fd;

	for (uint32_t i = next_number(dirfd, start_sec); i < NUMBERS_MAX; i++) {
		catalogue_name(start_sec, i, name);
		/* A keeper reads what the one before it has written. */
		fd = file_create(dirfd, name, O_RDWR | O_APPEND, &access);
		if (fd != -1 || errno != EEXIST)
			return fd;
	}
	return -1;
}

/* Somebody has removed the directory: its path leads to a new one. */
static bool
open_again(struct logdir *d)
{
	int fd = open_directory(d->path);

	if (fd == -1)
		return false;
	(void)close(d->fd);
	d->fd = fd;
	unsealed_fini(&d->unsealed);
	return true;
}

/* It was renamed, or a file system was mounted where it is. */
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

/* Not while a file of it is replaced. */
static void
follow_path(struct logdir *d)
{
	if (d->sealing.name[0] == '\0' && is_elsewhere(d) && open_again(d))
		log_some(LOG_KIND_LOGDIR, "logdir %s: is another directory "
		    "now; what the one before has stays there", d->path);
}

int
logdir_begin(struct logdir *d, int64_t now_sec)
{
	struct logdir_segment next;
	int fd;

	follow_path(d);
	next.start_sec = rotation_start(d->now.name[0] != '\0'
		? d->now.start_sec : 0, d->conf.rotate_sec, now_sec);
	next.end_sec = next.start_sec;
	fd = create(d->fd, next.start_sec, next.name);
	if (fd == -1 && (errno == ENOENT || errno == ESTALE) && open_again(d))
		fd = create(d->fd, next.start_sec, next.name);
	if (fd == -1) {
		log_some(LOG_KIND_LOGDIR, "logdir %s: cannot begin %s: %s",
		    d->path, next.name, strerror(errno));
		d->again_sec = now_sec + BEGIN_AGAIN_SEC;
		return -1;
	}
	/* As long as one of those it is given to holds it. */
	(void)flock(fd, LOCK_EX | LOCK_NB);
	d->old = d->now;
	d->old.end_sec = next.start_sec;
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
	d->old.end_sec =
	    now_sec > d->now.start_sec ? now_sec : d->now.start_sec;
	d->now.name[0] = '\0';
	logdir_released(d);
	d->ended = true;
}

/*
 * The old file, to read. -1: it is gone, no file any more, empty and so
 * removed, or in use by another process.
 */
static int
open_finished(struct logdir *d, const char *name, int64_t now_sec)
{
	int fd = file_open_read(d->fd, name);
	struct stat st;

	if (fd != -1 && flock(fd, LOCK_SH | LOCK_NB) != 0 &&
	    errno == EWOULDBLOCK) {
		(void)close(fd);
		unsealed_failed(&d->unsealed, name, now_sec);
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

static bool
open_job(struct logdir *d, const struct logdir_segment *s, int64_t now_sec,
    struct logdir_job *job)
{
	const struct file_access access = { .mode = 0 };

	job->from = open_finished(d, s->name, now_sec);
	if (job->from == -1)
		return false;
	job->to = file_create_beside(d->fd, s->name, &access, d->beside);
	if (job->to != -1) {
		(void)flock(job->to, LOCK_EX | LOCK_NB);
		return true;
	}
	log_some(LOG_KIND_LOGDIR, "logdir %s: %s cannot be sealed: %s",
	    d->path, s->name, strerror(errno));
	(void)close(job->from);
	unsealed_failed(&d->unsealed, s->name, now_sec);
	return false;
}

struct block_options
logdir_seal_options(const struct logdir *d)
{
	return (struct block_options){ .compression = d->conf.compression,
		.level = d->conf.level != 0 ? d->conf.level : 1,
		.seed = process_seed() };
}

bool
logdir_seal_begin(struct logdir *d, int64_t now_sec, struct logdir_job *job)
{
	const struct logdir_segment *next;
	struct flowd_error err;

	if (d->sealing.name[0] != '\0')
		return false;
	if (d->unsealed.n == 0 && d->unsealed.overflow &&
	    find_unsealed(d, &err) != 0)
		log_some(LOG_KIND_LOGDIR, "logdir %s: %s: others are sealed "
		    "at the next start", d->path, err.text);
	while ((next = unsealed_next(&d->unsealed, now_sec)) != NULL) {
		/* Of its own: the list changes. */
		struct logdir_segment segment = *next;

		if (!open_job(d, &segment, now_sec, job))
			continue;
		d->sealing = segment;
		return true;
	}
	return false;
}

/* Not where the old file was removed meanwhile: it does not come back. */
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
		log_some(LOG_KIND_LOGDIR, "logdir %s: %s cannot be renamed: "
		    "%s", d->path, d->beside, strerror(errno));
		return false;
	}
	(void)fsync(d->fd);
	return true;
}

bool
logdir_seal_end(struct logdir *d, int64_t now_sec, enum logdir_sealed how,
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
		unsealed_failed(&d->unsealed, segment->name, now_sec);
	d->changed |= placed;
	return placed;
}

static bool
wants_retention(const struct logdir_conf *conf)
{
	return conf->keep_sec != 0 || conf->max_octets != 0 ||
	    conf->free_percent != 0;
}

/* How full the file system is. False: it is short of room. */
static bool
look_at_room(const struct logdir *d, struct retain_state *state)
{
	struct statvfs vfs;

	if (d->conf.free_percent == 0 || fstatvfs(d->fd, &vfs) != 0)
		return true;
	state->fs_octets = (uint64_t)vfs.f_blocks * vfs.f_frsize;
	state->fs_free = (uint64_t)vfs.f_bavail * vfs.f_frsize;
	return state->fs_free >=
	    state->fs_octets / 100 * d->conf.free_percent;
}

static void
retain(struct logdir *d, const struct retain_state *state)
{
	const struct retain_policy policy = {
		.keep_sec = d->conf.keep_sec,
		.max_octets = d->conf.max_octets,
		.free_percent = d->conf.free_percent,
	};
	struct flowd_error err;
	struct catalogue c;
	size_t n, gone = 0;
	bool bad;

	catalogue_init(&c);
	bad = catalogue_read(&c, d->fd, &err) != 0;
	if (!bad) {
		n = retain_choose(&c, &policy, state);
		gone = retain_remove(&c, n, d->fd, &err);
		bad = gone < n;
	}
	if (bad)
		log_some(LOG_KIND_LOGDIR, "logdir %s: %s", d->path, err.text);
	if (gone > 0)
		log_debug("logdir %s: %zu segments removed", d->path, gone);
	catalogue_fini(&c);
}

void
logdir_retain(struct logdir *d, int64_t now_sec)
{
	struct retain_state state = { .now_sec = now_sec };
	int64_t since = now_sec - d->retained_sec;

	if (!wants_retention(&d->conf))
		return;
	if (d->old.name[0] != '\0')
		state.in_use = d->old.name;
	else if (d->now.name[0] != '\0')
		state.in_use = d->now.name;
	if (look_at_room(d, &state) ? !d->changed && since >= 0 &&
		    since < RETAIN_SEC
				    : since >= 0 && since < RETAIN_SHORT_SEC)
		return;
	d->changed = false;
	d->retained_sec = now_sec;
	retain(d, &state);
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t
logdir_wake_sec(const struct logdir *d, int64_t now_sec)
{
	int64_t wake = INT64_MAX;

	if (d->old.name[0] == '\0' && !d->ended)
		wake = d->now.name[0] == '\0' ? now_sec
		    : rotation_end(d->now.start_sec, d->conf.rotate_sec);
	if (wake <= now_sec && d->again_sec > now_sec)
		wake = d->again_sec;
	if (d->sealing.name[0] == '\0')
		wake = earlier(wake, d->unsealed.n == 0 && d->unsealed.overflow
			? now_sec : unsealed_due(&d->unsealed));
	if (d->conf.free_percent != 0)
		wake = earlier(wake, now_sec + RETAIN_SHORT_SEC);
	else if (wants_retention(&d->conf))
		wake = earlier(wake, d->changed ? now_sec
		    : d->retained_sec + RETAIN_SEC);
	return wake < now_sec ? now_sec : wake;
}
