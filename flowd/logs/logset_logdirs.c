/* The logdirs of the parent; see logset_kind.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "logset.h"
#include "logset_kind.h"

enum {
	MS_PER_S = 1000,
	TIMEOUT_MAX_MS = 60000,
	PATH_OCTETS = 4096
};

static void
close_fd(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}

static int64_t
now_sec(void)
{
	return (int64_t)time(NULL);
}

static unsigned
slot_of(const struct logset *s, const struct logset_dir *d)
{
	return SLOT_LOGDIR + (unsigned)(d - s->dirs);
}

static void
close_dir(struct logset_dir *d)
{
	close_fd(&d->fd);
	close_fd(&d->old_fd);
	logdir_close(&d->dir);
	hook_fini(&d->hook);
	d->hook = (struct hook){ .nwaiting = 0 };
	d->state = LOGSET_FREE;
}

static struct logset_dir *
find_dir(struct logset *s, const char *path)
{
	for (unsigned i = 0; i < LOGSET_DIRS; i++) {
		struct logset_dir *d = &s->dirs[i];

		if ((d->state == LOGSET_OPEN || d->state == LOGSET_STAGED) &&
		    strcmp(d->dir.path, path) == 0)
			return d;
	}
	return NULL;
}

/* Start a segment; keep the old descriptor until the writer releases it. */
static bool
begin_segment(struct logset_dir *d)
{
	int fd = logdir_begin(&d->dir, now_sec());

	d->failure_unsent = d->dir.failed.text[0] != '\0';
	if (fd == -1)
		return false;
	d->old_fd = d->fd;
	d->fd = fd;
	d->serial++;
	d->sent = false;
	return true;
}

/* A slot without rings and without segments to seal, or -1. */
static int
free_slot(const struct logset *s, const struct shmem *p)
{
	int slot = shmem_free_slot(p, SLOT_LOGDIR);

	while (slot != -1 &&
	    s->dirs[slot - SLOT_LOGDIR].state != LOGSET_FREE)
		slot = shmem_free_slot(p, (unsigned)slot + 1);
	return slot;
}

static bool
logdir_stage(struct logset *s, struct shmem *p, const struct logdir_conf *conf)
{
	int slot = free_slot(s, p);
	struct flowd_error err;
	struct logset_dir *d;

	if (slot == -1 || !shmem_open_slot(p, (unsigned)slot)) {
		log_error("logdir %s: %s", conf->path,
		    slot == -1 ? "too many logdirs are still being closed"
			       : strerror(errno));
		return false;
	}
	d = &s->dirs[slot - SLOT_LOGDIR];
	d->state = LOGSET_STAGED;
	if (logdir_open(&d->dir, conf, &err) != 0)
		log_error("%s", err.text);
	else if (begin_segment(d))
		return true;
	return false;
}

static bool
logdirs_stage(struct logset *s, struct shmem *p, const struct conf *conf)
{
	for (size_t i = 0; i < conf->nlogdirs; i++)
		if (find_dir(s, conf->logdirs[i].path) == NULL &&
		    !logdir_stage(s, p, &conf->logdirs[i]))
			return false;
	return true;
}

/* End logdirs that the configuration does not have. */
static void
end_unused(struct logset *s)
{
	for (unsigned i = 0; i < LOGSET_DIRS; i++) {
		struct logset_dir *d = &s->dirs[i];
		bool wanted = false;

		for (size_t k = 0; k < s->nslots; k++)
			wanted |= s->slots[k] == slot_of(s, d);
		if (d->state == LOGSET_OPEN && !wanted) {
			d->state = LOGSET_ENDING;
			logdir_configure(&d->dir,
			    &(struct logdir_conf){ .path = d->dir.path,
				.access = d->dir.conf.access });
		}
	}
}

static void
logdirs_commit(struct logset *s, const struct conf *conf)
{
	s->nslots = 0;
	for (size_t i = 0; i < conf->nlogdirs; i++) {
		struct logset_dir *d = find_dir(s, conf->logdirs[i].path);

		d->state = LOGSET_OPEN;
		logdir_configure(&d->dir, &conf->logdirs[i]);
		s->slots[s->nslots++] = (uint8_t)slot_of(s, d);
		if (conf->logdirs[i].on_rotate != NULL)
			hook_check(conf->logdirs[i].on_rotate);
	}
	end_unused(s);
}

static void
logdirs_abandon(struct logset *s, struct shmem *p)
{
	for (unsigned i = 0; i < LOGSET_DIRS; i++) {
		struct logset_dir *d = &s->dirs[i];

		if (d->state != LOGSET_STAGED)
			continue;
		logdir_end(&d->dir, now_sec());
		shmem_close_slot(p, slot_of(s, d));
		close_dir(d);
	}
}

struct logset_dir *
logset_dir(struct logset *s, unsigned slot)
{
	struct logset_dir *d;

	if (slot < SLOT_LOGDIR || slot >= SLOTS)
		return NULL;
	d = &s->dirs[slot - SLOT_LOGDIR];
	return d->state == LOGSET_OPEN || d->state == LOGSET_ENDING ? d : NULL;
}

static void
logdirs_released(struct logset *s, unsigned slot, uint32_t serial)
{
	struct logset_dir *d = logset_dir(s, slot);

	if (d == NULL || serial != d->serial)
		return;
	close_fd(&d->old_fd);
	logdir_released(&d->dir);
}

static void
logdirs_file_removed(struct logset *s, const struct conf *conf, unsigned slot,
    uint32_t serial)
{
	struct logset_dir *d = logset_dir(s, slot);

	(void)conf;
	if (d != NULL && serial == d->serial && d->state == LOGSET_OPEN &&
	    d->old_fd == -1)
		(void)begin_segment(d);
}

static bool
logdirs_is_pending(const struct logset *s, unsigned slot)
{
	return s->dirs[slot - SLOT_LOGDIR].old_fd != -1;
}

static const char *
logdirs_path(const struct logset *s, unsigned slot)
{
	return s->dirs[slot - SLOT_LOGDIR].dir.path;
}

const struct logset_kind logset_logdirs = {
	.stage = logdirs_stage,
	.commit = logdirs_commit,
	.abandon = logdirs_abandon,
	.released = logdirs_released,
	.file_removed = logdirs_file_removed,
	.is_pending = logdirs_is_pending,
	.path = logdirs_path,
};

void
logset_closed(struct logset *s, struct shmem *p, unsigned slot)
{
	struct logset_dir *d = logset_dir(s, slot);

	if (d == NULL || d->state != LOGSET_ENDING)
		return;
	close_fd(&d->old_fd);
	close_fd(&d->fd);
	logdir_end(&d->dir, now_sec());
	shmem_close_slot(p, slot);
	d->state = LOGSET_ENDED;
}

static bool
rotate_dir(struct logset_dir *d)
{
	if (d->old_fd != -1 || logdir_is_fresh(&d->dir, d->fd))
		return true;
	return begin_segment(d) && !d->failure_unsent;
}

bool
logset_rotate(struct logset *s)
{
	bool good = true;

	for (unsigned i = 0; i < LOGSET_DIRS; i++)
		if (s->dirs[i].state == LOGSET_OPEN)
			good &= rotate_dir(&s->dirs[i]);
	return good;
}

/* Seal the next segment, round robin over logdirs. */
static void
seal_next(struct logset *s, const struct sealer_setup *setup)
{
	for (unsigned i = 1; i <= LOGSET_DIRS && s->sealer.pid == 0; i++) {
		unsigned dir = (s->sealing + i) % LOGSET_DIRS;
		struct logset_dir *d = &s->dirs[dir];
		struct logdir_segment segment;
		struct block_options options = logdir_seal_options(&d->dir);
		struct logdir_job job;

		if (d->state < LOGSET_OPEN ||
		    !logdir_seal_begin(&d->dir, clock_monotonic_ms(), &job))
			continue;
		s->sealing = dir;
		if (sealer_start(&s->sealer, &job, &options, setup) == 0)
			return;
		log_limited(LOG_KIND_LOGDIR, "cannot start the sealer: %s",
		    strerror(errno));
		(void)logdir_seal_end(&d->dir, clock_monotonic_ms(),
		    LOGDIR_SEAL_FAILED, &segment);
	}
}

/* Close a logdir that has ended, when everything is sealed. */
static void
close_ended(struct logset_dir *d)
{
	if (d->state == LOGSET_ENDED && d->dir.unsealed.n == 0 &&
	    logdir_is_searched(&d->dir) &&
	    d->dir.sealing.name[0] == '\0' && hook_idle(&d->hook))
		close_dir(d);
}

void
logset_tick(struct logset *s, bool ready, const struct sealer_setup *setup)
{
	for (unsigned i = 0; i < LOGSET_DIRS; i++) {
		struct logset_dir *d = &s->dirs[i];

		if (d->state == LOGSET_OPEN && ready &&
		    logdir_due(&d->dir, now_sec()))
			(void)begin_segment(d);
		if (d->state == LOGSET_OPEN)
			logdir_retain(&d->dir, now_sec(), clock_monotonic_ms());
		hook_tick(&d->hook, clock_monotonic_ms());
		close_ended(d);
	}
	seal_next(s, setup);
	sealer_tick(&s->sealer, clock_monotonic_ms());
}

/* Milliseconds until a second starts, rounded up. */
static int
until_sec(int64_t sec)
{
	struct timespec now;
	int64_t ms;

	if (sec == INT64_MAX || clock_gettime(CLOCK_REALTIME, &now) != 0)
		return -1;
	ms = (sec - (int64_t)now.tv_sec) * MS_PER_S -
	    now.tv_nsec / 1000000 + 1;
	if (ms < 0)
		return 0;
	return ms < TIMEOUT_MAX_MS ? (int)ms : TIMEOUT_MAX_MS;
}

static int
until_ms(int64_t ms)
{
	int64_t left =
	    ms == INT64_MAX ? TIMEOUT_MAX_MS : ms - clock_monotonic_ms();

	if (left < 0)
		return 0;
	return left < TIMEOUT_MAX_MS ? (int)left : TIMEOUT_MAX_MS;
}

int
logset_timeout(const struct logset *s)
{
	int64_t now_ms = clock_monotonic_ms();
	int timeout = sealer_timeout(&s->sealer, now_ms);
	bool can_seal = s->sealer.pid == 0;

	for (unsigned i = 0; i < LOGSET_DIRS; i++) {
		const struct logset_dir *d = &s->dirs[i];

		timeout = timeout_min(timeout, hook_timeout(&d->hook, now_ms));
		if (d->state == LOGSET_OPEN) {
			timeout = timeout_min(timeout,
			    until_sec(logdir_wake_sec(&d->dir, now_sec())));
			timeout = timeout_min(timeout,
			    until_ms(logdir_retain_ms(&d->dir, now_ms)));
		}
		if (can_seal &&
		    (d->state == LOGSET_OPEN || d->state == LOGSET_ENDED))
			timeout = timeout_min(timeout,
			    until_ms(logdir_seal_wake_ms(&d->dir, now_ms)));
	}
	return timeout;
}

/* Handle the result of a sealer; run the "on rotate" command on success. */
static void
seal_done(struct logset *s, enum logdir_sealed how,
    const struct seal_report *report, const struct flowd_error *err)
{
	struct logset_dir *d = &s->dirs[s->sealing];
	struct logdir_segment segment;
	char file[PATH_OCTETS];

	if (how == LOGDIR_SEAL_FAILED)
		log_limited(LOG_KIND_LOGDIR, "logdir %s: cannot seal %s: %s",
		    d->dir.path, d->dir.sealing.name, err->text);
	if (!logdir_seal_end(&d->dir, clock_monotonic_ms(), how, &segment))
		return;
	if (report->damaged > 0)
		log_limited(LOG_KIND_LOGDIR,
		    "logdir %s: %s: dropped %llu damaged octets in %llu %s",
		    d->dir.path, segment.name,
		    (unsigned long long)report->lost_octets,
		    (unsigned long long)report->damaged,
		    report->damaged == 1 ? "place" : "places");
	if (d->dir.conf.on_rotate == NULL)
		return;
	(void)snprintf(file, sizeof(file), "%s/%s", d->dir.path,
	    segment.name);
	hook_add(&d->hook, d->dir.conf.on_rotate,
	    &(struct hook_event){ .file = file,
		.start_sec = segment.start_sec, .end_sec = segment.end_sec },
	    clock_monotonic_ms());
}

bool
logset_reaped(struct logset *s, pid_t pid, int status)
{
	struct seal_report report;
	struct flowd_error err;
	enum logdir_sealed how;

	for (unsigned i = 0; i < LOGSET_DIRS; i++)
		if (hook_reaped(
			&s->dirs[i].hook, pid, status, clock_monotonic_ms()))
			return true;
	if (!sealer_reaped(&s->sealer, pid, status, &how, &report, &err))
		return false;
	seal_done(s, how, &report, &err);
	return true;
}

void
logset_close_dirs(struct logset *s)
{
	sealer_stop(&s->sealer);
	for (unsigned i = 0; i < LOGSET_DIRS; i++)
		if (s->dirs[i].state != LOGSET_FREE)
			close_dir(&s->dirs[i]);
}
