/*
 * The log file: whole units (unit.h) go to its end, in one write. A segment of
 * a columnar log is one as well.
 *
 * What cannot be written is not kept here: the caller has it, and tries again.
 * A unit is never left torn: a partial write is undone, or, on a pipe,
 * continued.
 *
 * Called by writer.c and replay_logs.c; logs/logfile_open.h opens.
 * Tests: test/unit/flowd/test_logfile.c, test/program/test_flowd.py.
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
	bool regular; /* a file proper: a write can be undone */
	bool gone; /* it was removed: nothing is written to it */
	bool nameless; /* nor had it a name when it was opened by it */
	bool linkless; /* its file system does not count links */
	uint64_t max_octets; /* of a file proper; 0: no matter how many */
	bool full; /* error is that it has so many */
	size_t sent; /* octets of the next unit that are out, on a pipe */
	int error; /* errno of the last write, 0 when it went */
	struct log_limit limit;
	bool told; /* that writing fails */
	uint64_t written; /* flows */
	uint64_t removed; /* how often it was removed while it was open */
};

void logfile_init(struct logfile *lf);
/*
 * Write to this descriptor from now on, which is taken; path is for messages.
 * Where it is the file that is open already, that stays. A torn record at the
 * end is not cut: see logfile_mend(). Returns 0, or FLOWD_EIO with err set.
 */
int logfile_adopt(struct logfile *lf, enum unit_kind kind, const char *path,
    int fd, struct flowd_error *err);
/* Cut a record that is torn at the end of the file. */
void logfile_mend(struct logfile *lf);

/*
 * It has no name any more, as this stat of it says: what would be written to
 * it is lost, so that lf->error is set, until another file is adopted.
 */
bool logfile_gone(struct logfile *lf, const struct stat *st);
/* Why it cannot be written to, while lf->error is not 0. */
const char *logfile_reason(const struct logfile *lf);

/* What is within a unit on a pipe stays torn. */
void logfile_close(struct logfile *lf);

/*
 * Write units until all are out or a write fails; so many flows are in them,
 * or UNIT_UNKNOWN. Returns the octets of those that are out as a whole: give
 * the rest again. Past max_octets nothing is written: then it fails, until the
 * file is another one or shorter. lf->error says why it failed, and is 0 when
 * it did not.
 */
size_t logfile_write(struct logfile *lf, struct bytes units, uint64_t flows);

/*
 * Log that writing fails, once when it begins and then now and again; and that
 * it goes again. waiting and lost are flows.
 */
void logfile_tell(struct logfile *lf, uint64_t waiting, uint64_t lost);

/* It waits for the reader of a pipe: poll for POLLOUT. */
bool logfile_blocked(const struct logfile *lf);

/* What is out of the next unit must be followed by the rest of it. */
static inline bool
logfile_within(const struct logfile *lf)
{
	return lf->sent > 0;
}

#endif
