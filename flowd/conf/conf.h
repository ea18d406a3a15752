/*
 * The configuration as the daemon uses it, built from the statements of
 * flowd.conf (lib/config/ast.h) and checked for completeness.
 *
 * Called by the engine, the parent, the loader, replay.c and flowd.c.
 * Tests: test/program/flowd/test_flowd.py,
 * test/program/flowd/test_conf_golden.py.
 */
#ifndef FLOWD_CONF_H
#define FLOWD_CONF_H

#include "ast.h"
#include "decode.h"
#include "other_filter.h"
#include "compression.h"
#include "ruleset.h"
#include "slots.h"

enum {
	CONF_LISTEN_MAX = 8192,
	CONF_FORWARD_MAX = 64,
	CONF_LOGDIR_MAX = LOGDIRS_MAX,
	/* of the file system, for a log despite "keep free" */
	CONF_LEAST_PERCENT = 10,
	CONF_METRICS_MAX = 8
};

/* The use of the configuration decides which statements it needs. */
enum conf_use {
	CONF_DAEMON,
	CONF_REPLAY /* flowd -r: listens nowhere */
};

/* The request of the command line. */
struct conf_request {
	const char *path; /* of the file */
	const char *cwd; /* base of relative paths */
	const char *const *defines; /* -D NAME=VALUE */
	size_t ndefines;
	enum conf_use use;
	bool as_written; /* for printing: interfaces stay names */
};

/* Who may read the files of a log. */
struct conf_access {
	unsigned mode; /* 0: the owner only */
	const char *group; /* NULL: the default of the system */
};

/* A logdir, with defaults filled in. */
struct logdir_conf {
	const char *path;
	const char *name; /* NULL: flows that no rule sends elsewhere */
	uint32_t rotate_sec;
	uint32_t keep_sec; /* 0: no limit */
	uint64_t max_octets; /* 0: no limit */
	struct conf_access access;
	unsigned free_percent; /* of the file system; 0: no limit */
	/* minimum share that the log may use in any case */
	unsigned least_percent;
	enum compression compression;
	int level; /* zstd level; 0: fast enough for the engine */
	uint32_t flush_ms;
	const char *const *on_rotate; /* NULL-terminated; NULL: none */
};

/* Limits of the daemon itself; 0: the default. */
struct conf_limits {
#define LIMIT(name, value, least, most, text) uint64_t name;
#include "conf_limits.def"
#undef LIMIT
};

struct conf {
	struct endpoint *listen;
	size_t nlisten;
	struct multicast_group *groups;
	size_t ngroups;
	struct collector *forward;
	size_t nforward;
	/* addresses on which metrics are served */
	struct endpoint metrics[CONF_METRICS_MAX];
	size_t nmetrics;
	const char *control; /* path of the socket; NULL: none */
	const char *control_group; /* NULL: unchanged */
	bool control_is_set; /* the configuration sets the path */
	unsigned workers;
	uint32_t backlog; /* octets, 0: the default */
	struct prefix *sources;
	size_t nsources;
	bool any_source;
	struct decoder_rate *rates; /* "exporter" statements */
	size_t nrates;
	const char *logfile; /* NULL: none */
	uint64_t logfile_max; /* octets; 0: no limit */
	struct conf_access logfile_access;
	const char *logsock; /* NULL: none */
	uint32_t logsock_bufsize;
	struct logdir_conf *logdirs; /* bits of rule->logs follow this order */
	size_t nlogdirs;
	uint32_t rule_logs; /* bits of logdirs that rules send flows to */
	const char *pidfile;
	uint32_t store; /* enum classic_field: of logfile and logsock */
	struct colset columns; /* of logdirs */
	struct other_filter elements; /* of their column "other" */
	struct decoder_limits limits; /* 0: the default */
	struct conf_limits daemon_limits;
	const char *user; /* NULL: the default */
	const char *statefile; /* see conf_statefile() */
	struct ruleset *rules; /* with counters; NULL: not compiled */
	struct source src; /* the text, and its syntax tree */
	struct filter filter;
	struct ast ast;
	char *path;
	char *cwd;
};

void conf_free(struct conf *conf);

/* Log warnings for statements that are valid but probably wrong. */
void conf_warn(const struct conf *conf);

/* Path of the state file: beside the pid file by default. */
const char *conf_statefile(const struct conf *conf);
/* Size of the receive queue in octets. */
size_t conf_backlog(const struct conf *conf);
/* Size of a ring in octets. */
size_t conf_ring_octets(const struct conf *conf);
/* How many exporters metrics list by name. */
size_t conf_metrics_exporters(const struct conf *conf);

/* Do the "flow source" statements accept this exporter? */
bool conf_permits(const struct conf *conf, const struct addr *exporter);

#endif
