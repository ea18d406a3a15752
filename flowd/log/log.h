/*
 * Log messages: to standard error in the foreground and until the daemon has
 * detached, then to syslog (facility daemon).
 *
 * Called everywhere. Tests: test/unit/flowd/log/test_log.c,
 * test/program/flowd/test_flowd.py.
 */
#ifndef FLOWD_LOG_H
#define FLOWD_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "ratelimit.h"

/* Log to standard error; with debug messages when verbose. */
void log_init(bool verbose);
/* Prefix each line with its level, for log_relay() in the parent. */
void log_prefix_level(void);
/* Do lines have such a prefix? */
bool log_has_prefix(void);

/* A child whose lines are logged here. Zeroed but for its name. */
struct log_source {
	const char *name; /* borrowed */
	struct ratelimit rate;
	/* lines without a limit, because they are expected: statistics */
	uint64_t exempt;
};

/*
 * Log a line of a child with the level in its prefix, from debug to error.
 * Other prefixes are forged, perhaps to reach every terminal as an emergency:
 * they are logged as errors. The rate of lines is limited for each child; debug
 * messages, where they are shown, do not count.
 */
void log_relay(struct log_source *source, const char *line);
/* As log_tick() and log_timeout(). */
void log_relay_tick(struct log_source *source);
int log_relay_timeout(const struct log_source *source);

/*
 * Log to syslog from now on. It is opened at once, so that it can be reached
 * after chroot(2).
 */
void log_to_syslog(void);

/*
 * Also append errors and warnings to copy, a line each and including those that
 * are withheld; NULL ends that.
 */
struct buf;
void log_copy(struct buf *copy);

/*
 * Log a message. Control characters, which could forge lines or move the
 * cursor, become question marks.
 */
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Kinds of messages that may come often; log_kinds.def has their rate and
 * level.
 */
enum log_kind {
#define LOG_KIND(word, level, burst, interval, text) LOG_KIND_##word,
#include "log_kinds.def"
#undef LOG_KIND
	LOG_KINDS
};

/* Log it, or count it as withheld. */
void log_limited(enum log_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/*
 * Log how many messages were withheld, when their interval is over. Call it in
 * every iteration of a loop, and wait no longer than log_timeout():
 * milliseconds, or -1.
 */
void log_tick(void);
int log_timeout(void);

/*
 * For a lasting condition: at most one message per interval, which contains
 * totals itself.
 */
struct log_limit {
	int64_t again_s; /* monotonic clock */
};

enum { LOG_INTERVAL_S = 60 };

/* May it be logged now? Zero the limit to allow it. */
bool log_due(struct log_limit *limit);

#endif
