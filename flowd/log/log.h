/*
 * Messages of the daemon: to standard error until it has detached and in the
 * foreground, else to the system's log (facility daemon).
 *
 * Tests: test/unit/flowd/test_log.c, test/program/test_flowd.py.
 */
#ifndef FLOWD_LOG_H
#define FLOWD_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "ratelimit.h"

/* To standard error. Debug messages are shown when verbose. */
void log_init(bool verbose);
/* With the level in front of each line, for log_relay() of another process. */
void log_mark(void);
bool log_marked(void);

/* Another process, whose lines are logged here. Zeroed but for its name. */
struct log_source {
	const char *name; /* borrowed */
	struct ratelimit rate;
	uint64_t granted; /* lines that it was asked for: they do not count */
};

/*
 * A line of a process that marks its lines: debug to error, as processes of
 * flowd have it. Any other mark is one that somebody else has made up, who
 * would have an emergency on every terminal: it is an error. There is a rate
 * of lines, which is that of a kind of messages, but of each process; debug
 * messages, where these are shown, do not count.
 */
void log_relay(struct log_source *source, const char *line);
/* As log_tick() and log_timeout(). */
void log_relay_tick(struct log_source *source);
int log_relay_timeout(const struct log_source *source);

/*
 * From here on to the system's log. It is opened at once: before a chroot, so
 * that it is reached from behind it.
 */
void log_to_syslog(void);

/*
 * From here on errors and warnings are appended to copy as well, a line each,
 * for who asked for what they are about, also those that are only counted;
 * NULL ends that.
 */
struct buf;
void log_copy(struct buf *copy);

/*
 * A message is a line: what could move the cursor or begin another line is
 * shown as a question mark.
 */
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Messages that may come often; log_kinds.def says how often, and their level. */
enum log_kind {
#define LOG_KIND(word, level, burst, interval, text) LOG_KIND_##word,
#include "log_kinds.def"
#undef LOG_KIND
	LOG_KINDS
};

/* Write it, or count it. */
void log_limited(enum log_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/*
 * Tell how many were withheld, once their interval is over. A loop calls it
 * at every turn and waits no longer than log_timeout() says: milliseconds, or
 * -1 when nothing is withheld.
 */
void log_tick(void);
int log_timeout(void);

/*
 * The other way, for a state that lasts: at most one message in so many
 * seconds, which says itself what has come together.
 */
struct log_limit {
	int64_t again_s; /* monotonic clock */
};

enum { LOG_INTERVAL_S = 60 };

/* May it be written now? Zero the limit to allow it. */
bool log_due(struct log_limit *limit);

#endif
