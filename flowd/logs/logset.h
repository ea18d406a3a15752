/*
 * Stores: the logs as the parent has them. It opens files and hands them to
 * the writer, begins segments and has them sealed; it reads no flow.
 *
 * A log that a new configuration lacks is ended in two steps: engines may go
 * on to put flows for it until all of them have gone over, and the writer
 * writes what waits then.
 *
 * Called by parent.c and provision.c. Tests: test/program/test_flowd.py,
 * test/program/test_logdir.py.
 */
#ifndef FLOWD_LOGSET_H
#define FLOWD_LOGSET_H

#include "generations.h"
#include "hook.h"
#include "sealer.h"
#include "shmem.h"

enum logset_state {
	LOGSET_FREE,
	LOGSET_STAGED, /* of the configuration that is to come */
	LOGSET_OPEN,
	LOGSET_ENDING, /* the configuration lacks it */
	LOGSET_ENDED /* nothing is written; segments may wait to be sealed */
};

/* A logdir, of the slot with its place. */
struct logset_dir {
	enum logset_state state;
	struct logdir dir;
	int fd; /* of the segment in use, for another writer, too; or -1 */
	int old_fd; /* of the one before, while the writer may write to it */
	uint32_t serial; /* of the segment in use */
	bool sent; /* the writer was given it */
	bool untold; /* the writer has not heard of dir.failed */
	struct hook hook; /* of its own: none waits for those of others */
};

enum { LOGSET_DIRS = SLOTS - SLOT_LOGDIR };

struct logset {
	struct generations logfile;
	int staged; /* the next log file, or -1 */
	/* Why the log file is not that of the configuration; "". */
	struct flowd_error unopened;
	struct logset_dir dirs[LOGSET_DIRS];
	/* Of the logdirs of the configuration, in their order. */
	uint8_t slots[CONF_LOGDIR_MAX];
	size_t nslots;
	struct sealer sealer;
	unsigned sealing; /* place of the logdir it works for */
};

/* Zeroed but for this. */
void logset_init(struct logset *s);
/* Nobody writes any more. */
void logset_fini(struct logset *s);

/*
 * Open the logs of a configuration beside those that there are, with their
 * rings. False after it was logged what failed, when there is nothing to
 * go on with instead: then nothing is staged. A log file that was open before
 * and cannot be opened again is not such a case; logset_good() tells.
 */
bool logset_stage(struct logset *s, struct shmem *p,
    const struct conf *conf);
/* What is staged takes the place of what there is; or it is forgotten. */
void logset_commit(struct logset *s, const struct conf *conf);
void logset_abandon(struct logset *s, struct shmem *p);

/* Open the log file anew by its path. False after it was logged why not. */
bool logset_reopen(struct logset *s, const struct conf *conf);
/*
 * Somebody has removed this file of a log: make another one in its place, if
 * it is still in use. Failures are logged at a bounded rate.
 */
void logset_gone(struct logset *s, const struct conf *conf, unsigned slot,
    uint32_t serial);
/* Is every log that of the configuration? */
static inline bool
logset_good(const struct logset *s)
{
	return s->unopened.text[0] == '\0';
}
/*
 * Begin a segment in every logdir where the writer is done with the one before.
 * False after it was logged where that failed.
 */
bool logset_rotate(struct logset *s);

/* The logdir of a slot; NULL when there is none that is written to. */
struct logset_dir *logset_dir(struct logset *s, unsigned slot);

/* The writer is done with what was before this file of the log. */
void logset_released(struct logset *s, unsigned slot, uint32_t serial);
/* Bits of the slots whose old files the writer may still write to. */
uint64_t logset_pending(const struct logset *s);
/* The path of the log of a slot, as the configuration had it. */
const char *logset_path(const struct logset *s, unsigned slot);
/* The writer has closed the log of a slot. */
void logset_closed(struct logset *s, struct shmem *p, unsigned slot);

/*
 * Begin segments, seal and remove them, as far as it is time. ready: the
 * writer works, so that it can be given others. Those that are not sent yet
 * are to be given to it.
 */
void logset_tick(struct logset *s, bool ready,
    const struct sealer_rights *rights);
/* Milliseconds until logset_tick() has something to do; -1: nothing. */
int logset_timeout(const struct logset *s);
/* A process of the parent has ended: true when it was one of these. */
bool logset_reaped(struct logset *s, pid_t pid, int status);

#endif
