/*
 * The commands of "on rotate". Each runs without a shell in a session of its
 * own, with a segment as its argument. The number of running and of waiting
 * commands is limited, and one that takes too long is killed. Each logdir has
 * its own struct hook, so commands that hang do not delay those of other
 * logdirs.
 *
 * Called by logset_logdirs.c, which passes on every child that has exited, and
 * conf_check.c. Times are
 * monotonic. Test: test/unit/flowd/logs/test_hook.c.
 */
#ifndef FLOWD_HOOK_H
#define FLOWD_HOOK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	HOOKS_RUNNING = 4,
	HOOKS_WAITING = 64,
	HOOK_TIME_MS = 600000, /* then its session gets SIGTERM */
	HOOK_GRACE_MS = 10000 /* and after that SIGKILL */
};

/* The arguments of a command. */
struct hook_event {
	const char *file;
	int64_t start_sec, end_sec;
};

struct hook_command {
	char **argv; /* one allocation; NULL: unused */
	pid_t pid; /* 0: not running */
	int64_t until_ms;
	bool terminated; /* SIGTERM was sent */
};

struct hook {
	struct hook_command running[HOOKS_RUNNING];
	struct hook_command waiting[HOOKS_WAITING]; /* the oldest first */
	unsigned nwaiting;
	uint64_t failed; /* could not be run, or did not exit with 0 */
	uint64_t left_out; /* dropped because too many were waiting */
};

/* Zeroed memory is a hook without commands. */

/* Log a warning when this command cannot be executed now. */
void hook_check(const char *const *argv);
/*
 * Run a command, or queue it. argv ends with NULL; file, start and end
 * (2026-11-23T10:00:00Z) are appended. Everything is copied.
 */
void hook_add(struct hook *h, const char *const *argv,
    const struct hook_event *event, int64_t now_ms);
/* Is this child one of the commands? Then the next one is started. */
bool hook_reaped(struct hook *h, pid_t pid, int status, int64_t now_ms);
/* Kill commands that take too long. */
void hook_tick(struct hook *h, int64_t now_ms);
/* Milliseconds until hook_tick() is due; -1: no command is running. */
int hook_timeout(const struct hook *h, int64_t now_ms);
/* No command is running or waiting. */
bool hook_idle(const struct hook *h);
/* Running commands continue; waiting ones are dropped. */
void hook_fini(struct hook *h);

#endif
