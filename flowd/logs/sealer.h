/*
 * The sealer: a process that seals one segment (lib/store/v4/seal.h) and ends.
 * It gets the descriptors of the old and the new file, and may only read the
 * one and write the other, because the flows in them are untrusted input. It
 * runs at a low priority, and its memory is limited.
 *
 * There is one at a time. logdir_seal.h has the steps before and after. Called
 * by logset_logdirs.c and child_main.c. Test:
 * test/unit/flowd/logs/test_sealer.c.
 */
#ifndef FLOWD_SEALER_H
#define FLOWD_SEALER_H

#include <sys/types.h>

#include "logdir_seal.h"
#include "sandbox.h"
#include "seal_file.h"

struct sealer_memory; /* shared with the parent */

/* A sealer that takes longer is killed. */
enum { SEALER_TIME_MS = 3600000 };

struct sealer {
	pid_t pid; /* 0: none */
	int64_t until_ms; /* monotonic clock; 0: not set */
	struct sealer_memory *memory;
};

/* How to start it. */
struct sealer_setup {
	const char *self; /* path of flowd, to execute; NULL: fork only */
	const struct identity *identity;
	bool insecure; /* no privileges are dropped */
};

/*
 * Start a sealer. The descriptors of job are closed in any case. On success it
 * has synced the new file. Returns 0, or -1 and errno.
 */
int sealer_start(struct sealer *s, const struct logdir_job *job,
    const struct block_options *options, const struct sealer_setup *setup);

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
enum { SEALER_FDS = 3 };

/* The main of the process. Returns the exit status. */
int sealer_main(void);

/* Kill it and wait; the segment is sealed later. */
void sealer_stop(struct sealer *s);

#endif
