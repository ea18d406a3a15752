/*
 * Retention: removes segments that need not be kept, and reports how many, why,
 * and what could not be removed. lib/store/logdir/retain.h decides which.
 *
 * The wall clock alone does not decide the age of a segment. It is compared
 * with a monotonic clock and, at the start, with the newest segment. If it
 * jumped ahead, the gap is stored in the file .clock of the directory, and does
 * not make segments older (lib/store/logdir/clockgaps.h). An administrator who
 * removes that file confirms that the clock is right.
 *
 * Called by logdir.c. Test: test/unit/flowd/logs/test_retention.c.
 */
#ifndef FLOWD_RETENTION_H
#define FLOWD_RETENTION_H

#include "conf.h"
#include "file.h"
#include "log.h"
#include "removed.h"
#include "retain.h"

enum {
	RETENTION_MS = 60000, /* between two runs, when nothing changes */
	RETENTION_SHORT_MS = 5000, /* when the file system is short of room */
	RETENTION_BLOCKS = 4096, /* blocks that are read per iteration */
	RETENTION_SEEN_SEC = 60, /* between two updates of .clock */
	RETENTION_STEP_SEC = 60, /* smallest difference that is a step */
	RETENTION_AHEAD_SEC = 86400, /* maximum age of the newest segment */
	RETENTION_TEXT = 240
};

/* Counts of present and removed segments. */
struct retention_counts {
	uint64_t segments;
	uint64_t octets; /* of segments that are complete */
	int64_t oldest_sec; /* 0: there is none */
	uint64_t removed, removed_octets;
	uint64_t stuck; /* could not be removed in the last run */
	uint64_t held; /* kept because of a clock gap */
};

/* Why segments that should be removed are not. */
enum retention_trouble {
	RETENTION_GOOD,
	RETENTION_UNREADABLE, /* the directory cannot be read */
	RETENTION_STUCK,
	RETENTION_HELD,
	RETENTION_OTHERS, /* other files fill the file system */
	RETENTION_LARGE /* the segment in use exceeds "max" */
};

struct retention {
	struct retention_counts counts;
	enum retention_trouble trouble;
	char state[RETENTION_TEXT]; /* text of the trouble; "": none */
	int64_t log_ms; /* time of the next log message */
	int64_t run_ms; /* last run; 0: never */
	int64_t clock_sec, clock_ms; /* both clocks at the last check */
	bool compared; /* clock was compared with the newest segment */
	bool unsaved; /* the clock gaps could not be written */
	struct clockgaps gaps;
	struct retention_removed {
		uint64_t segments, octets, reasons[RETAIN_REASONS];
		char first[CATALOGUE_NAME], last[CATALOGUE_NAME];
	} unlogged; /* removed and not logged yet */
	struct retention_walk {
		char name[CATALOGUE_NAME]; /* "": none */
		int fd;
		struct removed_walk walk;
	} walk; /* removed segment whose flows are being counted */
	bool more; /* more is left to remove than one run may */
	struct log_limit limit;
};

/* Input: the directory in its current state. */
struct retention_look {
	const struct logdir_conf *conf;
	const char *path;
	int dirfd;
	const struct file_access *access; /* who may read the segments */
	const char *in_use; /* oldest segment that may still be written to */
	const char *begun; /* newest segment, or NULL */
	int64_t now_sec;
	int64_t now_ms; /* monotonic clock */
};

/* Check for steps of the clock. It is cheap: call it often. */
void retention_clock(struct retention *r, const struct retention_look *at);
/*
 * Remove segments as configured. It runs after changes, once a minute, and more
 * often when the file system is short of space. A long run continues in the
 * next call.
 */
void retention_run(
    struct retention *r, const struct retention_look *at, bool changed);
/* The next time to run; changed: there are new segments. */
int64_t retention_due_ms(const struct retention *r,
    const struct logdir_conf *conf, bool changed, int64_t now_ms);
/*
 * Log what was removed and not logged yet. Of at, segments and clocks are not
 * used.
 */
void retention_end(struct retention *r, const struct retention_look *at);

/* Is this the name of a file that retention itself writes? */
bool retention_is_file(const char *name);

#endif
