/*
 * The logs of a configuration as one list, whatever their kind.
 *
 * Called by pipeline.c and engine_logs.c.
 * Test: test/unit/flowd/conf/test_conf_logdir.c.
 */
#ifndef FLOWD_CONF_LOGS_H
#define FLOWD_CONF_LOGS_H

#include "conf.h"

/* A log: its kind, and its index among those of the kind. */
struct conf_log {
	enum destination kind;
	unsigned index; /* of logdirs, in configuration order */
	const char *path; /* borrowed */
};

enum { CONF_LOGS_MAX = CONF_LOGDIR_MAX + 2 };

/*
 * List all logs. The first one, the log file or the first logdir, represents
 * all in totals. Returns how many.
 */
size_t conf_logs(
    const struct conf *conf, struct conf_log logs[CONF_LOGS_MAX]);

#endif
