/*
 * A directory of segments, as the parent sees it: it begins segments, whose
 * descriptors it hands to who writes, has them sealed when they are finished,
 * and removes the old ones. It opens files and reads no flow.
 *
 * A segment in use, and one that is being written by another flowd, is locked
 * by flock(2): such a one is never sealed. What a crash left is found when the
 * directory is opened.
 *
 * Seconds are those of UTC; a replay gives those of its capture. Milliseconds,
 * by which is waited, are of a clock that only goes forward. Failures that may
 * come again are logged at a bounded rate.
 *
 * Called by parent.c and replay.c. Test: test/unit/flowd/test_logdir.c.
 */
#ifndef FLOWD_LOGDIR_H
#define FLOWD_LOGDIR_H

#include "block_writer.h"
#include "conf.h"
#include "file.h"
#include "retention.h"
#include "unsealed.h"

/* Room for the name of a new file beside a segment. */
enum { LOGDIR_BESIDE = CATALOGUE_NAME + FILE_BESIDE_MORE };

/* For segments that wait to be sealed, from the oldest on. */
struct logdir_search {
	bool under_way;
	int64_t start_sec; /* of the last that was looked at */
	uint32_t number;
};

struct logdir {
	struct logdir_conf conf; /* its texts are borrowed */
	char *path; /* in absolute form; stays when conf changes */
	struct file_access access; /* to its files, as conf says */
	int fd; /* of the directory, -1 when closed */
	struct logdir_segment now; /* in use */
	struct logdir_segment old; /* ended, but may still be written to */
	struct unsealed unsealed;
	struct logdir_search search;
	struct logdir_segment sealing;
	char beside[LOGDIR_BESIDE]; /* the new file of sealing */
	int64_t again_sec; /* no segment is begun before: it failed */
	struct flowd_error failed; /* why none begins at the path; "" */
	int64_t until_sec; /* of the one in use: another one begins there */
	struct retention retention;
	bool changed; /* there are new ones since it looked */
	uint64_t seal_failures;
	bool ended; /* no other segment is begun */
};

/*
 * Open the directory, or make it, mode 0700, or as the configuration says who
 * may read it; begin to look for what is to be sealed there, and remove what
 * sealing left unfinished. Returns 0, or a negative FLOWD_E*
 * with err set.
 */
int logdir_open(struct logdir *d, const struct logdir_conf *conf,
    struct flowd_error *err);
/* Segments without flows are removed, when nobody holds them. */
void logdir_close(struct logdir *d);
/* The configuration was read again, with this path in it. */
void logdir_configure(struct logdir *d, const struct logdir_conf *conf);

/*
 * Should logdir_begin() be called? Not while the segment before the one in
 * use may still be written to.
 */
bool logdir_due(const struct logdir *d, int64_t now_sec);
/*
 * Begin a segment in the directory that the path leads to now, which is in use
 * from then on; on rotation, and whenever somebody wants it, but not before
 * logdir_released(). Returns a descriptor to append to, which is the caller's;
 * or -1, and it was logged: then the one in use stays so.
 */
int logdir_begin(struct logdir *d, int64_t now_sec);
/* Nobody holds the segment before the one in use any more, to write to it. */
void logdir_released(struct logdir *d);
/* Nobody holds any: none is in use. */
void logdir_end(struct logdir *d, int64_t now_sec);

/* What a sealer wants: both are the caller's to close. */
struct logdir_job {
	int from; /* to read */
	int to; /* empty, to write */
};

enum logdir_sealed {
	LOGDIR_SEALED,
	LOGDIR_SEALED_BEFORE, /* there was nothing to do */
	LOGDIR_SEAL_FAILED
};

/*
 * How what is joined by sealing is encoded, the next time. No datagram waits
 * for that, so that at the least all that gets smaller is compressed.
 */
struct block_options logdir_seal_options(const struct logdir *d);

/*
 * The next segment to seal, if there is one: true and the job. One at a time,
 * until logdir_seal_end().
 */
bool logdir_seal_begin(
    struct logdir *d, int64_t now_ms, struct logdir_job *job);
/*
 * All segments that were there have been looked at: none will be found that
 * logdir_seal_begin() does not know. Where there are many that takes some turns
 * of it.
 */
bool logdir_is_searched(const struct logdir *d);
/*
 * The sealer is done with it. When it went well the new file, which is on the
 * disk, takes the place of the old one, the segment is told, and true is
 * returned: then the command of "on rotate" is due. Else the old file stays,
 * and is tried again later.
 */
bool logdir_seal_end(struct logdir *d, int64_t now_ms,
    enum logdir_sealed how, struct logdir_segment *segment);

/*
 * Nothing was written to the one in use, of which this is a descriptor, and it
 * is where it should be: there is no need for another one.
 */
bool logdir_is_fresh(const struct logdir *d, int fd);

/*
 * Look at the clock, and remove segments that need not be kept; to be called
 * at every turn.
 */
void logdir_retain(struct logdir *d, int64_t now_sec, int64_t now_ms);

/* When logdir_due() is to be asked again; INT64_MAX: there is no need to. */
int64_t logdir_wake_sec(const struct logdir *d, int64_t now_sec);
/* When to retain again; and to seal, if there is a sealer; the same. */
int64_t logdir_wake_ms(
    const struct logdir *d, bool can_seal, int64_t now_ms);

#endif
