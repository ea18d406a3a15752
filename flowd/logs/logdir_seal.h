/*
 * Sealing the segments of a logdir: which one is next, the files that the
 * sealer gets, and replacing the segment by the sealed file.
 *
 * Called by logset_logdirs.c, which starts the sealer, and by replay_logs.c.
 * Test: test/unit/flowd/logs/test_logdir.c.
 */
#ifndef FLOWD_LOGDIR_SEAL_H
#define FLOWD_LOGDIR_SEAL_H

#include "block_writer.h"
#include "logdir.h"

/* Files for a sealer; the caller closes both. */
struct logdir_job {
	int from; /* to read */
	int to; /* empty, to write */
};

enum logdir_sealed {
	LOGDIR_SEALED,
	LOGDIR_SEALED_BEFORE, /* it was sealed already */
	LOGDIR_SEAL_FAILED
};

/*
 * The encoding options for the next seal. No datagram waits for the sealer, so
 * everything that shrinks is compressed.
 */
struct block_options logdir_seal_options(const struct logdir *d);

/*
 * Start the next seal: returns true and the job if a segment is due. Only one
 * at a time, until logdir_seal_end().
 */
bool logdir_seal_begin(
    struct logdir *d, int64_t now_ms, struct logdir_job *job);
/*
 * Is the search for unsealed segments complete? With many segments it takes
 * several calls of logdir_seal_begin().
 */
bool logdir_is_searched(const struct logdir *d);
/*
 * The sealer has finished. On success the new file, already synced, replaces
 * the old one, segment is set, and true is returned: the "on rotate" command is
 * due. Otherwise the old file stays, and sealing is retried later.
 */
bool logdir_seal_end(struct logdir *d, int64_t now_ms,
    enum logdir_sealed how, struct logdir_segment *segment);

/* The next time to call logdir_seal_begin(); INT64_MAX: never. */
int64_t logdir_seal_wake_ms(const struct logdir *d, int64_t now_ms);

#endif
