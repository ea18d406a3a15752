/*
 * All logs, as the parent manages them: it opens files for the writer, starts
 * segments, and has them sealed and removed. It reads no flows.
 *
 * A log that a new configuration drops is closed in two steps: engines may put
 * flows for it until all of them use the new configuration; then the writer
 * writes the rest and closes it.
 *
 * Called by the parent. Tests: test/program/flowd/test_flowd.py,
 * test/program/flowd/test_logdir.py.
 */
#ifndef FLOWD_LOGSET_H
#define FLOWD_LOGSET_H

#include "logset_state.h"

/* Initialize, without logs. */
void logset_init(struct logset *s);
/* Close everything; the writer has exited. */
void logset_fini(struct logset *s);

/*
 * Open the new logs of a configuration, and create their rings. Returns false
 * after logging the reason; then nothing is staged. A log file that was open
 * before and cannot be opened again is not a failure: logset_good() returns
 * false.
 */
bool logset_stage(struct logset *s, struct shmem *p,
    const struct conf *conf);
/* Use the staged logs; or close them. */
void logset_commit(struct logset *s, const struct conf *conf);
void logset_abandon(struct logset *s, struct shmem *p);

/*
 * Open the log file again by its path. Returns false after logging the reason.
 */
bool logset_reopen(struct logset *s, const struct conf *conf);
/*
 * This file of a log was removed: create another one if it is still in use.
 * Failures are logged at a bounded rate.
 */
void logset_file_removed(struct logset *s, const struct conf *conf,
    unsigned slot, uint32_t serial);
/* Does every log match the configuration? */
static inline bool
logset_good(const struct logset *s)
{
	return s->logfile_error.text[0] == '\0';
}
/*
 * Start a segment in every logdir whose previous one the writer has closed.
 * Returns false after logging the reason.
 */
bool logset_rotate(struct logset *s);

/* The logdir of a slot; NULL when the slot has none that is open. */
struct logset_dir *logset_dir(struct logset *s, unsigned slot);

/* The writer has closed everything before this file of the log. */
void logset_released(struct logset *s, unsigned slot, uint32_t serial);
/* A bit for each slot whose older files the writer may still write to. */
uint64_t logset_pending(const struct logset *s);
/* The path of the log of a slot, as configured. */
const char *logset_path(const struct logset *s, unsigned slot);
/* The writer has closed the log of a slot. */
void logset_closed(struct logset *s, struct shmem *p, unsigned slot);

/*
 * Start, seal and remove segments that are due. ready: the writer can take new
 * segments, which provision_segments() then sends.
 */
void logset_tick(struct logset *s, bool ready,
    const struct sealer_setup *setup);
/* Milliseconds until logset_tick() is due; -1: never. */
int logset_timeout(const struct logset *s);
/* Is this child a sealer or a command? Then its result is handled. */
bool logset_reaped(struct logset *s, pid_t pid, int status);

#endif
