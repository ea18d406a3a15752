/* The log file of the parent; see logset_kind.h. */
#include <unistd.h>

#include "log_access.h"
#include "logfile_open.h"
#include "logset.h"
#include "logset_kind.h"

static int
logfile_open_configured(const struct conf *conf, struct flowd_error *err)
{
	struct file_access access;
	struct flowd_error why;

	if (log_access_find(&conf->logfile_access, &access, &why) == 0)
		return logfile_open(conf->logfile, &access, err);
	(void)flowd_fail(err, FLOWD_EINVAL, "logfile %s: %s", conf->logfile,
	    why.text);
	return -1;
}

static bool
logfile_stage_file(struct logset *s, const struct conf *conf)
{
	s->logfile_error.text[0] = '\0';
	if (conf->logfile == NULL)
		return true;
	if (generations_full(&s->logfile))
		(void)flowd_fail(&s->logfile_error, FLOWD_EIO,
		    "cannot open logfile %s again: the writer still uses too "
		    "many old ones", conf->logfile);
	else
		s->staged = logfile_open_configured(conf, &s->logfile_error);
	return s->staged != -1;
}

/* If the file cannot be opened, the one in use stays. */
static bool
logfile_stage(struct logset *s, struct shmem *p, const struct conf *conf)
{
	const struct generation *now = generations_now(&s->logfile);

	(void)p;
	if (logfile_stage_file(s, conf))
		return true;
	log_error("%s", s->logfile_error.text);
	if (now->fd != -1)
		log_error("still writing to the old file, %s", now->path);
	return now->fd != -1;
}

static void
logfile_commit(struct logset *s, const struct conf *conf)
{
	if (s->staged != -1)
		generations_add(&s->logfile, s->staged, conf->logfile);
	else if (conf->logfile == NULL)
		generations_end(&s->logfile);
	s->staged = -1;
}

bool
logset_reopen(struct logset *s, const struct conf *conf)
{
	(void)logfile_stage(s, NULL, conf);
	logfile_commit(s, conf);
	return logset_good(s);
}

static void
logfile_abandon(struct logset *s, struct shmem *p)
{
	(void)p;
	if (s->staged != -1)
		(void)close(s->staged);
	s->staged = -1;
}

static void
logfile_released(struct logset *s, unsigned slot, uint32_t serial)
{
	(void)slot;
	generations_release(&s->logfile, serial);
}

static void
logfile_file_removed(struct logset *s, const struct conf *conf, unsigned slot,
    uint32_t serial)
{
	(void)slot;
	if (serial != s->logfile.serial)
		return;
	if (!logfile_stage_file(s, conf))
		log_limited(LOG_KIND_LOGFILE, "%s", s->logfile_error.text);
	logfile_commit(s, conf);
}

static bool
logfile_is_pending(const struct logset *s, unsigned slot)
{
	(void)slot;
	return generations_pending(&s->logfile);
}

/* If the log file has ended, the path of its last generation. */
static const char *
logfile_path(const struct logset *s, unsigned slot)
{
	const struct generations *l = &s->logfile;
	const char *path = generations_now(l)->path;

	(void)slot;
	if (path == NULL)
		path = l->files[0].path;
	return path != NULL ? path : "logfile";
}

const struct logset_kind logset_logfile = {
	.stage = logfile_stage,
	.commit = logfile_commit,
	.abandon = logfile_abandon,
	.released = logfile_released,
	.file_removed = logfile_file_removed,
	.is_pending = logfile_is_pending,
	.path = logfile_path,
};
