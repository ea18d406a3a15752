/* Sealing the segments of a logdir; see logdir_seal.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "logdir_seal.h"
#include "seed.h"

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
search_continue(struct logdir *d, int64_t now_ms)
{
	struct flowd_error err;

	if (d->unsealed.n == 0 && d->unsealed.overflow)
		logdir_search_begin(d);
	if (d->search.under_way &&
	    unsealed_next(&d->unsealed, now_ms) == NULL &&
	    logdir_search_next(d, &err) != 0)
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
	search_continue(d, now_ms);
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
replace_segment(struct logdir *d, const char *name)
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
	placed = how == LOGDIR_SEALED && replace_segment(d, segment->name);
	if (!placed)
		(void)unlinkat(d->fd, d->beside, 0);
	if (placed || how == LOGDIR_SEALED_BEFORE)
		unsealed_remove(&d->unsealed, segment->name);
	else
		seal_failed(d, segment->name, now_ms);
	d->changed |= placed;
	return placed;
}

int64_t
logdir_seal_wake_ms(const struct logdir *d, int64_t now_ms)
{
	int64_t wake;

	if (d->sealing.name[0] != '\0')
		return INT64_MAX;
	wake = logdir_is_searched(d) ? unsealed_due(&d->unsealed) : now_ms;
	return wake < now_ms ? now_ms : wake;
}
