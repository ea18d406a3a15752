/*
 * A directory of segments, as the parent manages it: it creates segments, hands
 * their descriptors to the writer, has finished ones sealed (logdir_seal.h),
 * and removes old ones. It opens files but reads no flows.
 *
 * A segment that is in use, by this or another flowd, is locked with flock(2)
 * and is never sealed. Unsealed segments that a crash left are found when the
 * directory is opened.
 *
 * Times in seconds are UTC; a replay passes those of its capture. Times in
 * milliseconds, for delays, are monotonic. Failures that may repeat are logged
 * at a bounded rate.
 *
 * Called by logset_logdirs.c, logdir_seal.c and replay_logs.c. Test:
 * test/unit/flowd/logs/test_logdir.c.
 */
#ifndef FLOWD_LOGDIR_H
#define FLOWD_LOGDIR_H

#include "conf.h"
#include "file.h"
#include "retention.h"
#include "unsealed.h"
#include "unsealed_search.h"

/* Size of the name of a temporary file beside a segment. */
enum { LOGDIR_BESIDE = CATALOGUE_NAME + FILE_BESIDE_MORE };

struct logdir {
	struct logdir_conf conf; /* its texts are borrowed */
	char *path; /* absolute; stays when conf changes */
	struct file_access access; /* mode and group of its files */
	int fd; /* of the directory, -1 when closed */
	struct logdir_segment now; /* in use */
	struct logdir_segment old; /* ended, but may still be written */
	struct unsealed unsealed;
	struct unsealed_search search;
	struct logdir_segment sealing;
	char beside[LOGDIR_BESIDE]; /* temporary file of the sealer */
	int64_t again_sec; /* no new attempt to start a segment before */
	struct flowd_error failed; /* why starting a segment failed; "" */
	int64_t until_sec; /* latest end of the segment in use */
	struct retention retention;
	bool changed; /* segments were added since the last retention */
	uint64_t seal_failures;
	bool ended; /* no more segments are started */
};

/*
 * Open the directory, or create it with mode 0700 or the configured mode and
 * group. Starts the search for unsealed segments and removes temporary files of
 * interrupted seals. Returns 0, or a negative FLOWD_E* with err set.
 */
int logdir_open(struct logdir *d, const struct logdir_conf *conf,
    struct flowd_error *err);
/* Close it. Removes empty segments that are not locked. */
void logdir_close(struct logdir *d);
/* Apply a new configuration of the same path. */
void logdir_configure(struct logdir *d, const struct logdir_conf *conf);

/* Is a new segment due? Not while the previous one may still be written to. */
bool logdir_due(const struct logdir *d, int64_t now_sec);
/*
 * Start a segment in the directory that is at the path now; it becomes the one
 * in use. Call it for a rotation or whenever wanted, but not before
 * logdir_released(). Returns a descriptor for appending, owned by the caller;
 * or -1 after logging the reason: then the segment in use stays.
 */
int logdir_begin(struct logdir *d, int64_t now_sec);
/* The writer has closed the previous segment: it may be sealed. */
void logdir_released(struct logdir *d);
/* The writer has closed all segments; no new one is started. */
void logdir_end(struct logdir *d, int64_t now_sec);

/*
 * Is the segment in use, open at fd, still empty and in its place? Then no new
 * one is needed.
 */
bool logdir_is_fresh(const struct logdir *d, int fd);

/*
 * Check the clock and remove segments that retention does not keep; call it in
 * every iteration.
 */
void logdir_retain(struct logdir *d, int64_t now_sec, int64_t now_ms);

/* The next time to call logdir_due(); INT64_MAX: never. */
int64_t logdir_wake_sec(const struct logdir *d, int64_t now_sec);
/* The next time to call logdir_retain(); INT64_MAX: never. */
int64_t logdir_retain_ms(const struct logdir *d, int64_t now_ms);

/* Start to search the directory for unsealed segments, and continue. */
void logdir_search_begin(struct logdir *d);
int logdir_search_next(struct logdir *d, struct flowd_error *err);

#endif
