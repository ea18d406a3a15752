/*
 * Stores: the logs as the parent has them. It opens files and hands them to
 * the keeper, begins segments and has them sealed; it reads no flow.
 *
 * A log that a new configuration lacks is ended in two steps: engines may go
 * on to put flows for it until all of them have gone over, and the keeper
 * writes what waits then.
 *
 * Called by parent.c and equip.c. Tests: test/program/test_flowd.py,
 * test/program/test_logdir.py.
 */
#ifndef FLOWD_STORES_H
#define FLOWD_STORES_H

#include "hook.h"
#include "lineage.h"
#include "shmem.h"
#include "sealer.h"

enum store_state {
	STORE_FREE,
	STORE_STAGED, /* of the configuration that is to come */
	STORE_OPEN,
	STORE_ENDING, /* the configuration lacks it */
	STORE_ENDED /* nothing is written; segments may wait to be sealed */
};

/* A logdir, of the slot with its place. */
struct store_dir {
	enum store_state state;
	struct logdir dir;
	int fd; /* of the segment in use, for another keeper, too; or -1 */
	int old_fd; /* of the one before, while the keeper may write to it */
	uint32_t serial; /* of the segment in use */
	bool sent; /* the keeper was given it */
	bool untold; /* the keeper has not heard of dir.failed */
	struct hook hook; /* of its own: none waits for those of others */
};

enum { STORE_DIRS = SLOTS - SLOT_LOGDIRS };

struct stores {
	struct lineage logfile;
	int staged; /* the next log file, or -1 */
	/* Why the log file is not that of the configuration; "". */
	struct flowd_error unopened;
	struct store_dir dirs[STORE_DIRS];
	/* Of the logdirs of the configuration, in their order. */
	uint8_t slots[CONF_LOGDIR_MAX];
	size_t nslots;
	struct sealer sealer;
	unsigned sealing; /* place of the logdir it works for */
};

/* Zeroed but for this. */
void stores_init(struct stores *s);
/* Nobody writes any more. */
void stores_fini(struct stores *s);

/*
 * Open the logs of a configuration beside those that there are, with their
 * mailboxes. False after it was logged what failed, when there is nothing to
 * go on with instead: then nothing is staged. A log file that was open before
 * and cannot be opened again is not such a case; stores_good() tells.
 */
bool stores_stage(struct stores *s, struct shmem *p,
    const struct conf *conf);
/* What is staged takes the place of what there is; or it is forgotten. */
void stores_commit(struct stores *s, const struct conf *conf);
void stores_abandon(struct stores *s, struct shmem *p);

/* Open the log file anew by its path. False after it was logged why not. */
bool stores_reopen(struct stores *s, const struct conf *conf);
/*
 * Somebody has removed this file of a log: make another one in its place, if
 * it is still in use. Failures are logged at a bounded rate.
 */
void stores_gone(struct stores *s, const struct conf *conf, unsigned slot,
    uint32_t serial);
/* Is every log that of the configuration? */
static inline bool
stores_good(const struct stores *s)
{
	return s->unopened.text[0] == '\0';
}
/*
 * Begin a segment in every logdir where the keeper is done with the one before.
 * False after it was logged where that failed.
 */
bool stores_rotate(struct stores *s);

/* The logdir of a slot; NULL when there is none that is written to. */
struct store_dir *stores_dir(struct stores *s, unsigned slot);

/* The keeper is done with what was before this file of the log. */
void stores_released(struct stores *s, unsigned slot, uint32_t serial);
/* Bits of the slots whose old files the keeper may still write to. */
uint64_t stores_pending(const struct stores *s);
/* The path of the log of a slot, as the configuration had it. */
const char *stores_path(const struct stores *s, unsigned slot);
/* The keeper has closed the log of a slot. */
void stores_closed(struct stores *s, struct shmem *p, unsigned slot);

/*
 * Begin segments, seal and remove them, as far as it is time. ready: the
 * keeper works, so that it can be given others. Those that are not sent yet
 * are to be given to it.
 */
void stores_tick(struct stores *s, bool ready,
    const struct sealer_rights *rights);
/* Milliseconds until stores_tick() has something to do; -1: nothing. */
int stores_timeout(const struct stores *s);
/* A process of the parent has ended: true when it was one of these. */
bool stores_reaped(struct stores *s, pid_t pid, int status);

#endif
