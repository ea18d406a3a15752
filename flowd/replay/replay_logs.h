/*
 * The logs of a replay: there is one process, which writes them itself, and
 * which nobody hurries. Segments begin by the times of the capture.
 *
 * Called by replay.c. Tests: test/program/test_flowd.py,
 * test/program/test_logdir.py.
 */
#ifndef FLOWD_REPLAY_LOGS_H
#define FLOWD_REPLAY_LOGS_H

#include "conf.h"
#include "logdir.h"
#include "logfile.h"

/* A logdir, and the segment that is written. */
struct replay_dir {
	struct logdir dir;
	struct logfile segment;
};

struct replay_logs {
	struct logfile log; /* its path is NULL when there is none */
	struct replay_dir dirs[CONF_LOGDIR_MAX];
	size_t ndirs;
	const struct logfile *failed; /* it takes nothing; NULL: none */
};

/* Open all of them. False after it was logged what failed. */
bool replay_logs_open(struct replay_logs *r, const struct conf *conf);

/* At this time of the capture, is a segment to be begun? */
bool replay_logs_due(const struct replay_logs *r, int64_t now_sec);
/* Begin those that are. False after it was logged why one cannot be. */
bool replay_logs_begin(struct replay_logs *r, int64_t now_sec);

/*
 * Write the units of an encoder (pipeline.h). Waits for the reader of a pipe; any
 * other failure is in failed.
 */
void replay_logs_write(
    struct replay_logs *r, unsigned encoder, struct bytes units);

/* Seal the segments and close everything. False after it was logged. */
bool replay_logs_close(struct replay_logs *r, int64_t now_sec);

#endif
