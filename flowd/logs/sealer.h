/*
 * The sealer: a process that seals one segment (lib/store/v4/seal.h) and ends.
 * It gets the descriptors of the old file and the new one, and may do nothing
 * but read the one and write the other; flows are what senders made of them. It
 * is nice, and its memory is bounded.
 *
 * One at a time. Called by parent.c; logdir.h has what comes before and after.
 * Test: test/unit/flowd/test_sealer.c.
 */
#ifndef FLOWD_SEALER_H
#define FLOWD_SEALER_H

#include <sys/types.h>

#include "logdir.h"
#include "sandbox.h"
#include "seal_file.h"

struct sealer_memory; /* shared with the parent */

/* A sealer that takes longer is killed. */
enum { SEALER_TIME_MS = 3600000 };

struct sealer {
	pid_t pid; /* 0: none */
	int64_t until_ms; /* of a clock that only goes forward; 0: not set */
	struct sealer_memory *memory;
};

/* The privileges it drops; insecure: none. */
struct sealer_rights {
	const char *self; /* path of flowd, to execute; NULL: fork only */
	const struct identity *identity;
	bool insecure;
};

/*
 * Start a sealer. The descriptors of job are closed in any case. On success it
 * has synced the new file. Returns 0, or -1 and errno.
 */
int sealer_start(struct sealer *s, const struct logdir_job *job,
    const struct block_options *options, const struct sealer_rights *rights);

/*
 * Is this child the sealer? Then how and report are set, and err when it
 * failed.
 */
bool sealer_reaped(struct sealer *s, pid_t pid, int status,
    enum logdir_sealed *how, struct seal_report *report,
    struct flowd_error *err);

/*
 * Kill it when it takes too long; and the milliseconds until then, -1 when
 * there is none.
 */
void sealer_tick(struct sealer *s, int64_t now_ms);
int sealer_timeout(const struct sealer *s, int64_t now_ms);

/* How many descriptors behind the standard ones it has open. */
enum { SEALER_HOLDS = 3 };

/* The main of the process. Returns the exit status. */
int sealer_main(void);

/* Kill it and wait; the segment is sealed later. */
void sealer_stop(struct sealer *s);

#endif
