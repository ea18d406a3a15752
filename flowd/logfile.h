/*
 * The log file: whole records go to its end, in one write.
 *
 * What cannot be written is kept in a bounded queue and written when it can
 * be again; what does not fit is counted. A record is never left torn: a
 * partial write is undone, or, on a pipe, continued.
 *
 * Called by the daemon and by the replay of captures.
 * Tests: test/unit/flowd/test_logfile.c, test/program/test_flowd.py.
 */
#ifndef FLOWD_LOGFILE_H
#define FLOWD_LOGFILE_H

#include "buf.h"
#include "daemonlog.h"
#include "result.h"
#include "wire.h"

enum {
	LOGFILE_QUEUE = 16 * 1024 * 1024 /* octets that may wait */
};

struct logfile {
	char *path;
	int fd;
	bool regular; /* a file proper: a write can be undone */
	struct buf queue; /* records that wait */
	size_t head; /* octets of queue that were written since */
	size_t sent; /* octets of the first record that are out */
	int error; /* errno of the last write, 0 when it went */
	struct log_limit limit;
	bool told; /* that writing fails */
	uint64_t written; /* records */
	uint64_t queued;
	uint64_t lost;
};

/*
 * Open for appending, make it when it is not there. Returns 0, or
 * FLOWD_EIO or FLOWD_ENOMEM with err set. A version 2 log is refused.
 */
int logfile_open(struct logfile *lf, const char *path, struct flowd_error *err);
/*
 * The same in two steps, for who may not open files: open gives a descriptor,
 * which begin takes. begin does not cut a torn record: see logfile_mend().
 */
int logfile_open_fd(const char *path, struct flowd_error *err);
void logfile_init(struct logfile *lf);
int logfile_adopt(
    struct logfile *lf, const char *path, int fd, struct flowd_error *err);
/* Cut a record that is torn at the end of the file. */
void logfile_mend(struct logfile *lf);

/* What is still queued is lost; it is counted. */
void logfile_close(struct logfile *lf);

/*
 * Open the path anew and go on there; it may be another path. On failure the
 * old file stays in use.
 */
int logfile_reopen(
    struct logfile *lf, const char *path, struct flowd_error *err);

/* Write whole version 3 records, or queue or count them. */
void logfile_put(struct logfile *lf, struct bytes records);
/* Try again to write what is queued. */
void logfile_flush(struct logfile *lf);

static inline bool
logfile_waits(const struct logfile *lf)
{
	return lf->queued > 0;
}

/* It waits for the reader of a pipe: poll for POLLOUT. */
bool logfile_blocked(const struct logfile *lf);

#endif
