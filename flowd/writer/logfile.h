/*
 * A log file, or a segment of a logdir: whole units (unit.h) are appended with
 * one write(2).
 *
 * What cannot be written stays with the caller, which tries again. A unit is
 * never left incomplete: a partial write is undone, or, on a pipe, continued.
 *
 * Called by the writer and replay; logs/logfile_open.h opens. Tests:
 * test/unit/flowd/writer/test_logfile.c, test/program/flowd/test_flowd.py.
 */
#ifndef FLOWD_LOGFILE_H
#define FLOWD_LOGFILE_H

#include <sys/stat.h>

#include "log.h"
#include "result.h"
#include "unit.h"

struct logfile {
	char *path;
	int fd;
	enum unit_kind kind;
	bool regular; /* a regular file: a write can be undone */
	bool gone; /* removed while open: nothing is written to it */
	bool nameless; /* it had no name already when it was opened */
	bool linkless; /* its file system does not count links */
	uint64_t max_octets; /* size limit of a regular file; 0: none */
	bool full; /* the size limit is reached */
	size_t sent; /* octets of the next unit that were written to a pipe */
	int error; /* errno of the last write, 0 when it succeeded */
	struct log_limit limit;
	bool failure_logged; /* a failure was logged */
	uint64_t written; /* flows */
	uint64_t removed; /* how often it was removed while it was open */
};

void logfile_init(struct logfile *lf);
/*
 * Write to this descriptor from now on, which is taken; path is for messages.
 * Where it is the file that is open already, that stays. A torn record at the
 * end is not cut: see logfile_repair(). Returns 0, or FLOWD_EIO with err set.
 */
int logfile_adopt(struct logfile *lf, enum unit_kind kind, const char *path,
    int fd, struct flowd_error *err);
/* Cut an incomplete record at the end of the file. */
void logfile_repair(struct logfile *lf);

/*
 * Does this stat of the file say that it was removed? What is written to it
 * would be lost: lf->error is set until another file is adopted.
 */
bool logfile_is_removed(struct logfile *lf, const struct stat *st);
/* The reason why writing fails, while lf->error is not 0. */
const char *logfile_reason(const struct logfile *lf);

/* A unit that is partly written to a pipe stays incomplete. */
void logfile_close(struct logfile *lf);

/*
 * Write units until all are written or a write fails; they hold so many flows,
 * or UNIT_UNKNOWN. Returns the octets of the units that were written
 * completely: pass the rest again. Fails when max_octets is reached, until the
 * file is replaced or shorter. lf->error is the reason, 0 on success.
 */
size_t logfile_write(struct logfile *lf, struct bytes units, uint64_t flows);

/*
 * Log that writing fails, at first and then at intervals, and when it works
 * again. waiting and lost are flows.
 */
void logfile_log_state(struct logfile *lf, uint64_t waiting, uint64_t lost);

/* A pipe is full: poll for POLLOUT. */
bool logfile_blocked(const struct logfile *lf);

/* Is a unit partly written? Its rest must follow. */
static inline bool
logfile_is_partial(const struct logfile *lf)
{
	return lf->sent > 0;
}

#endif
