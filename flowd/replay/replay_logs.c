/* The logs of a replay; see replay_logs.h. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "log_access.h"
#include "logdir_seal.h"
#include "logfile_open.h"
#include "pipeline.h"
#include "replay_logs.h"
#include "seal_file.h"

static int
open_logfile(struct logfile *lf, const struct conf *conf,
    struct flowd_error *err)
{
	struct file_access access;
	int fd;

	if (log_access_find(&conf->logfile_access, &access, err) != 0)
		return -1;
	if (conf->logfile == NULL)
		return 0;
	fd = logfile_open(conf->logfile, &access, err);
	if (fd == -1 ||
	    logfile_adopt(lf, UNIT_RECORDS, conf->logfile, fd, err) != 0)
		return -1;
	logfile_repair(lf);
	return 0;
}

bool
replay_logs_open(struct replay_logs *r, const struct conf *conf)
{
	struct flowd_error err;

	*r = (struct replay_logs){ .ndirs = 0 };
	logfile_init(&r->log);
	if (open_logfile(&r->log, conf, &err) != 0) {
		log_error("%s", err.text);
		return false;
	}
	r->log.max_octets = conf->logfile_max;
	for (; r->ndirs < conf->nlogdirs; r->ndirs++) {
		struct replay_dir *d = &r->dirs[r->ndirs];

		logfile_init(&d->segment);
		if (logdir_open(&d->dir, &conf->logdirs[r->ndirs], &err) !=
		    0) {
			log_error("%s", err.text);
			return false;
		}
	}
	return true;
}

bool
replay_logs_due(const struct replay_logs *r, int64_t now_sec)
{
	for (size_t i = 0; i < r->ndirs; i++)
		if (logdir_due(&r->dirs[i].dir, now_sec))
			return true;
	return false;
}

static bool
segment_begin(struct replay_dir *d, int64_t now_sec)
{
	int fd = logdir_begin(&d->dir, now_sec);
	struct flowd_error err;

	if (fd == -1)
		return false;
	if (logfile_adopt(
		&d->segment, UNIT_BLOCKS, d->dir.path, fd, &err) != 0) {
		log_error("%s", err.text);
		return false;
	}
	logdir_released(&d->dir);
	return true;
}

bool
replay_logs_begin(struct replay_logs *r, int64_t now_sec)
{
	for (size_t i = 0; i < r->ndirs; i++)
		if (logdir_due(&r->dirs[i].dir, now_sec) &&
		    !segment_begin(&r->dirs[i], now_sec))
			return false;
	return true;
}

void
replay_logs_write(struct replay_logs *r, unsigned encoder, struct bytes units)
{
	struct logfile *log = encoder == PIPELINE_RECORDS
	    ? &r->log : &r->dirs[encoder - PIPELINE_LOGDIRS].segment;

	while (units.len > 0 && r->failed == NULL) {
		size_t done = logfile_write(log, units, UNIT_UNKNOWN);
		struct pollfd pfd = { .fd = log->fd, .events = POLLOUT };

		units = bytes_behind(units, done);
		if (logfile_blocked(log))
			(void)poll(&pfd, 1, -1);
		else if (log->error != 0)
			r->failed = log;
	}
}

static bool
seal_one(struct logdir *d, const struct logdir_job *job)
{
	const struct block_options options = logdir_seal_options(d);
	struct seal_report report = { 0, 0, 0, 0 };
	struct logdir_segment segment;
	struct flowd_error err;
	int done = seal_descriptor(
	    job->from, job->to, &options, &report, &err);

	(void)close(job->from);
	(void)close(job->to);
	if (done < 0)
		log_error("logdir %s: cannot seal %s: %s", d->path,
		    d->sealing.name, err.text);
	(void)logdir_seal_end(d, clock_monotonic_ms(),
	    done < 0 ? LOGDIR_SEAL_FAILED
		     : done == 0 ? LOGDIR_SEALED : LOGDIR_SEALED_BEFORE,
	    &segment);
	return done >= 0;
}

static bool
close_dir(struct replay_dir *d, int64_t now_sec)
{
	struct logdir_job job;
	bool good = true;

	logfile_close(&d->segment);
	logdir_end(&d->dir, now_sec);
	while (logdir_seal_begin(&d->dir, clock_monotonic_ms(), &job) ||
	    !logdir_is_searched(&d->dir))
		if (d->dir.sealing.name[0] != '\0')
			good &= seal_one(&d->dir, &job);
	logdir_close(&d->dir);
	return good;
}

bool
replay_logs_close(struct replay_logs *r, int64_t now_sec)
{
	bool good = true;

	for (size_t i = 0; i < r->ndirs; i++)
		good &= close_dir(&r->dirs[i], now_sec);
	logfile_close(&r->log);
	return good;
}
