/*
 * The configuration as the daemon uses it: made of the statements of
 * flowd.conf (lib/config/ast.h), checked to be whole.
 *
 * Tests: test/program/test_flowd.py, test/program/test_conf_golden.py.
 */
#ifndef FLOWD_CONF_H
#define FLOWD_CONF_H

#include "ast.h"
#include "decode.h"
#include "other_filter.h"
#include "piece.h"
#include "ruleset.h"
#include "slots.h"

enum {
	CONF_LISTEN_MAX = 8192,
	CONF_FORWARD_MAX = 64,
	CONF_LOGDIR_MAX = LOGDIRS_MAX,
	/* of a file system that a log may use, whatever "keep free" says */
	CONF_LEAST_PERCENT = 10,
	CONF_METRICS_MAX = 8
};

/* What the configuration is for: this decides which statements it needs. */
enum conf_use {
	CONF_DAEMON,
	CONF_REPLAY /* flowd -r: listens nowhere */
};

/* The request of the command line. */
struct conf_request {
	const char *path; /* of the file */
	const char *cwd; /* relative paths in it are from here */
	const char *const *defines; /* -D NAME=VALUE */
	size_t ndefines;
	enum conf_use use;
	bool as_written; /* for printing: interfaces stay names */
};

/* Who may read the files of a log. */
struct conf_access {
	unsigned mode; /* 0: who owns them */
	const char *group; /* NULL: as the system makes it */
};

/* A logdir, with defaults filled in. */
struct logdir_conf {
	const char *path;
	const char *name; /* NULL: all flows that rules send to no other */
	uint32_t rotate_sec;
	uint32_t keep_sec; /* 0: for ever */
	uint64_t max_octets; /* 0: no matter how many */
	struct conf_access access;
	unsigned free_percent; /* of the file system; 0: no matter */
	/* minimum share that the log may use in any case */
	unsigned least_percent;
	enum compression compression;
	int level; /* zstd level; 0: suitable for the hot path */
	uint32_t flush_ms;
	const char *const *on_rotate; /* ended by a NULL; NULL: none */
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
	struct group *groups;
	size_t ngroups;
	struct collector *forward;
	size_t nforward;
	/* addresses on which metrics are served */
	struct endpoint metrics[CONF_METRICS_MAX];
	size_t nmetrics;
	const char *control; /* path of the socket; NULL: none */
	const char *control_group; /* NULL: unchanged */
	bool control_said; /* the path is from the configuration */
	unsigned workers;
	uint32_t backlog; /* octets, 0: the default */
	struct prefix *sources;
	size_t nsources;
	bool any_source;
	struct decoder_rate *rates; /* of lines "exporter" */
	size_t nrates;
	const char *logfile; /* NULL: none */
	uint64_t logfile_max; /* octets; 0: no matter how many */
	struct conf_access logfile_access;
	const char *logsock; /* NULL: none */
	uint32_t logsock_bufsize;
	struct logdir_conf *logdirs; /* bits of rule->logs follow this order */
	size_t nlogdirs;
	uint32_t fed; /* bits of those to which some rule sends flows */
	const char *pidfile;
	uint32_t store; /* enum classic_field: of logfile and logsock */
	struct colset columns; /* of logdirs */
	struct other_filter elements; /* of their column "other" */
	struct decoder_limits limits; /* 0: the usual one */
	struct conf_limits own_limits;
	const char *user; /* NULL: the usual one */
	const char *statefile; /* see conf_statefile() */
	struct ruleset *rules; /* with counters; NULL: not compiled */
	struct source src; /* what was read, and what it was parsed to */
	struct filter filter;
	struct ast ast;
	char *path;
	char *cwd;
};

void conf_free(struct conf *conf);

/* Log a warning for what is valid but hardly intended. */
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
