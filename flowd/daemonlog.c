/* Messages of the daemon; see daemonlog.h. Test: test_flowd.py. */
#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>
#include <time.h>

#include "daemonlog.h"

/* A process has one log. */
static struct {
	bool verbose;
	bool syslog;
} daemonlog;

void
daemonlog_init(bool verbose)
{
	daemonlog.verbose = verbose;
	daemonlog.syslog = false;
}

void
daemonlog_to_syslog(void)
{
	openlog("flowd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
	daemonlog.syslog = true;
}

static void
put(int level, const char *fmt, va_list ap)
{
	char text[2048];

	(void)vsnprintf(text, sizeof(text), fmt, ap);
	if (daemonlog.syslog)
		syslog(level, "%s", text);
	else
		(void)fprintf(stderr, "%s\n", text);
}

void
log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(LOG_ERR, fmt, ap);
	va_end(ap);
}

void
log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(LOG_WARNING, fmt, ap);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(LOG_INFO, fmt, ap);
	va_end(ap);
}

void
log_debug(const char *fmt, ...)
{
	va_list ap;

	if (!daemonlog.verbose)
		return;
	va_start(ap, fmt);
	put(LOG_DEBUG, fmt, ap);
	va_end(ap);
}

bool
log_due(struct log_limit *limit)
{
	struct timespec now;

	if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
		return true;
	if (now.tv_sec < limit->again_s)
		return false;
	limit->again_s = now.tv_sec + LOG_INTERVAL_S;
	return true;
}
