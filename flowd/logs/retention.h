/*
 * Retention: segments of a directory that need not be kept are removed, it is
 * told how many and why, and what could not be done. What to remove is for
 * lib/store/logdir/retain.h to say.
 *
 * The age of segments is not that of the clock alone. It is compared with a
 * clock that only goes forward and, at the start, with the newest segment: what
 * it went ahead over since then is noted in the directory, in the file .clock,
 * and does not make anything older (lib/store/logdir/clockgaps.h). Who removes
 * that file says that the clock is right.
 *
 * Called by logdir.c. Test: test/unit/flowd/test_retention.c.
 */
#ifndef FLOWD_RETENTION_H
#define FLOWD_RETENTION_H

#include "conf.h"
#include "file.h"
#include "log.h"
#include "removed.h"
#include "retain.h"

enum {
	RETENTION_MS = 60000, /* between two looks, when nothing changes */
	RETENTION_SHORT_MS = 5000, /* when the file system is short of room */
	RETENTION_BLOCKS = 4096, /* that are looked at in one turn */
	RETENTION_SEEN_SEC = 60, /* between two notes that the clock was seen */
	RETENTION_STEP_SEC = 60, /* by which the clock goes ahead in a step */
	RETENTION_AHEAD_SEC = 86400, /* of the newest segment, at the start */
	RETENTION_TEXT = 240
};

/* What is there, and what became of what was. */
struct retention_counts {
	uint64_t segments;
	uint64_t octets; /* of those that are not written to any more */
	int64_t oldest_sec; /* 0: there is none */
	uint64_t removed, removed_octets;
	uint64_t stuck; /* that could not be removed, at the last look */
	uint64_t held; /* kept because of a gap of the clock */
};

/* Why not all is removed that should be. */
enum retention_trouble {
	RETENTION_GOOD,
	RETENTION_BLIND, /* the directory cannot be read */
	RETENTION_STUCK,
	RETENTION_HELD,
	RETENTION_OTHERS, /* other files fill the file system */
	RETENTION_LARGE /* the segment in use is more than max */
};

struct retention {
	struct retention_counts counts;
	enum retention_trouble trouble;
	char state[RETENTION_TEXT]; /* of it; "" for none */
	int64_t tell_ms; /* when it is logged again */
	int64_t looked_ms; /* the last look; 0: never */
	int64_t clock_sec, clock_ms; /* when the clock was looked at last */
	bool compared; /* with the newest segment */
	bool unsaved; /* what follows could not be written */
	struct clockgaps gaps;
	struct retention_told {
		uint64_t segments, octets, reasons[RETAIN_REASONS];
		char first[CATALOGUE_NAME], last[CATALOGUE_NAME];
	} told; /* what was removed and is not logged yet */
	struct retention_walk {
		char name[CATALOGUE_NAME]; /* "": none */
		int fd;
		struct removed_walk walk;
	} walk; /* one that was removed, whose flows are still counted */
	bool more; /* to be removed than one turn may */
	struct log_limit limit;
};

/* Of a directory, as it is now. */
struct retention_look {
	const struct logdir_conf *conf;
	const char *path;
	int dirfd;
	const struct file_access *access; /* who may read the segments */
	const char *in_use; /* the oldest that may still be written to */
	const char *begun; /* the newest one, or NULL */
	int64_t now_sec;
	int64_t now_ms; /* of a clock that only goes forward */
};

/* The clock is looked at; to be called as often as that costs nothing. */
void retention_clock(struct retention *r, const struct retention_look *at);
/*
 * Remove what is to go. It looks when something has changed, once a minute,
 * and more often when the file system is short of room. What would take long
 * takes several turns.
 */
void retention_run(
    struct retention *r, const struct retention_look *at, bool changed);
/* When it looks again; changed: there are new segments. */
int64_t retention_due_ms(const struct retention *r,
    const struct logdir_conf *conf, bool changed, int64_t now_ms);
/* What was removed and is not told yet is told. Of at neither segments nor
 * clocks are used. */
void retention_end(struct retention *r, const struct retention_look *at);

/* Is this the name of a file of its own? */
bool retention_is_file(const char *name);

#endif
