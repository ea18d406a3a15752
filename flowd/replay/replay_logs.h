/*
 * The logs of a replay: one process writes them itself, and may block. Segments
 * follow the times in the capture.
 *
 * Called by replay.c. Tests: test/program/flowd/test_flowd.py,
 * test/program/flowd/test_logdir.py.
 */
#ifndef FLOWD_REPLAY_LOGS_H
#define FLOWD_REPLAY_LOGS_H

#include "conf.h"
#include "logdir.h"
#include "logfile.h"

/* A logdir, and its open segment. */
struct replay_dir {
	struct logdir dir;
	struct logfile segment;
};

struct replay_logs {
	struct logfile log; /* its path is NULL when there is none */
	struct replay_dir dirs[CONF_LOGDIR_MAX];
	size_t ndirs;
	const struct logfile *failed; /* the log that failed; NULL: none */
};

/* Open all logs. Returns false after logging the error. */
bool replay_logs_open(struct replay_logs *r, const struct conf *conf);

/* Is a segment due at this time of the capture? */
bool replay_logs_due(const struct replay_logs *r, int64_t now_sec);
/* Start the segments that are due. Returns false after logging the error. */
bool replay_logs_begin(struct replay_logs *r, int64_t now_sec);

/*
 * Write the units of an encoder (pipeline.h). Waits for the reader of a pipe;
 * any other error sets failed.
 */
void replay_logs_write(
    struct replay_logs *r, unsigned encoder, struct bytes units);

/*
 * Seal the segments and close everything. Returns false after logging an error.
 */
bool replay_logs_close(struct replay_logs *r, int64_t now_sec);

#endif
