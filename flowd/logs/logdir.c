/* A directory of segments; see logdir.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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
#include "segment_place.h"

enum { BEGIN_AGAIN_SEC = 5 /* between two attempts to start a segment */ };

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

void
logdir_search_begin(struct logdir *d)
{
	unsealed_search_begin(&d->search);
	d->unsealed.overflow = false;
}

int
logdir_search_next(struct logdir *d, struct flowd_error *err)
{
	const char *const in_use[2] = { d->now.name, d->old.name };

	return unsealed_search_next(
	    &d->search, &d->unsealed, d->fd, in_use, err);
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
	logdir_search_begin(d);
	bad = logdir_search_next(d, &why);
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

/* Create the next segment. Returns a descriptor, or -1 and errno. */
static int
segment_create(struct logdir *d, int64_t now_sec, struct logdir_segment *next)
{
	struct segment_place p;
	int fd;

	next->start_sec = rotation_start(d->now.name[0] != '\0'
		? d->now.start_sec : 0, d->conf.rotate_sec, now_sec);
	catalogue_name(next->start_sec, 0, next->name);
	if (!segment_place_find(&p, d->fd, d->conf.rotate_sec,
		next->start_sec, now_sec))
		return -1;
	for (; p.number < SEGMENT_NUMBERS; p.number++) {
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
	logdir_search_begin(d);
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
logdir_retain_ms(const struct logdir *d, int64_t now_ms)
{
	int64_t wake;

	if (d->ended)
		return INT64_MAX;
	wake = retention_due_ms(&d->retention, &d->conf, d->changed, now_ms);
	return wake < now_ms ? now_ms : wake;
}
