/*
 * Commands of "on rotate": each is a process without a shell, of its own
 * session, that is told of a segment. So many run at a time, so many wait, and
 * one that takes too long is ended. Each logdir has a struct hook of its own,
 * so that commands that hang hold up no others.
 *
 * Called by logset.c, which tells of every process that ended. Times are those
 * of a clock that only goes forward. Test: test/unit/flowd/test_hook.c.
 */
#ifndef FLOWD_HOOK_H
#define FLOWD_HOOK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	HOOKS_RUNNING = 4,
	HOOKS_WAITING = 64,
	HOOK_TIME_MS = 600000, /* then TERM, to all of its session */
	HOOK_GRACE_MS = 10000 /* and then KILL */
};

/* What a command is told of. */
struct hook_event {
	const char *file;
	int64_t start_sec, end_sec;
};

struct hook_command {
	char **argv; /* of one piece of memory; NULL: the place is free */
	pid_t pid; /* 0: it does not run */
	int64_t until_ms;
	bool told; /* TERM was sent */
};

struct hook {
	struct hook_command running[HOOKS_RUNNING];
	struct hook_command waiting[HOOKS_WAITING]; /* the oldest first */
	unsigned nwaiting;
	uint64_t failed; /* did not run, or did not exit with 0 */
	uint64_t left_out; /* did not fit */
};

/* Nothing runs or waits: that is zeroed memory. */

/* Warn of a command that cannot be run as things are. */
void hook_check(const char *const *argv);
/*
 * Run a command, or have it wait. argv ends with a NULL; behind it go the
 * file, and start and end as 2026-11-23T10:00:00Z. All is copied.
 */
void hook_add(struct hook *h, const char *const *argv,
    const struct hook_event *event, int64_t now_ms);
/*
 * A process of the parent has ended: is it one of these? Then the next one
 * runs.
 */
bool hook_reaped(struct hook *h, pid_t pid, int status, int64_t now_ms);
/* End those that take too long. */
void hook_tick(struct hook *h, int64_t now_ms);
/* Milliseconds until hook_tick() has something to do; -1: nothing runs. */
int hook_timeout(const struct hook *h, int64_t now_ms);
/* Nothing runs, and nothing waits. */
bool hook_idle(const struct hook *h);
/* Those that run go on without us; those that wait are left out. */
void hook_fini(struct hook *h);

#endif
