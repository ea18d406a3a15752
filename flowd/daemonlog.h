/*
 * Messages of the daemon: to standard error until it has detached and in the
 * foreground, else to the system's log (facility daemon).
 */
#ifndef FLOWD_DAEMONLOG_H
#define FLOWD_DAEMONLOG_H

#include <stdbool.h>
#include <stdint.h>

/* Debug messages are shown when verbose. */
void daemonlog_init(bool verbose);
/* From here on to the system's log. */
void daemonlog_to_syslog(void);

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* One message of a kind in so many seconds. */
struct log_limit {
	int64_t again_s; /* monotonic clock */
};

enum { LOG_INTERVAL_S = 60 };

/* May a message of this kind be written now? Zero the limit to allow it. */
bool log_due(struct log_limit *limit);

#endif
