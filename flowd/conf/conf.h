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
	CONF_LEAST_PERCENT = 10, /* of a file system, that "keep free" leaves
				  * to a log */
	CONF_METRICS_MAX = 8
};

/* What it is read for decides what must be there. */
enum conf_use {
	CONF_DAEMON,
	CONF_REPLAY /* flowd -r: listens nowhere */
};

/* What the command line says of it. */
struct conf_request {
	const char *path; /* of the file */
	const char *cwd; /* relative paths in it are from here */
	const char *const *defines; /* -D NAME=VALUE */
	size_t ndefines;
	enum conf_use use;
	bool as_written; /* to be printed: interfaces by their names */
};

/* Who may read the files of a log. */
struct conf_access {
	unsigned mode; /* 0: who owns them */
	const char *group; /* NULL: as the system makes it */
};

/* A directory of segments; what was not said has its default. */
struct logdir_conf {
	const char *path;
	const char *name; /* NULL: all flows that rules give to no other */
	uint32_t rotate_sec;
	uint32_t keep_sec; /* 0: for ever */
	uint64_t max_octets; /* 0: no matter how many */
	struct conf_access access;
	unsigned free_percent; /* of the file system; 0: no matter */
	unsigned least_percent; /* of it that the log may take for that */
	enum compression compression;
	int level; /* of zstd; 0: what suits a hot path */
	uint32_t flush_ms;
	const char *const *on_rotate; /* ended by a NULL; NULL: none */
};

/* Of the daemon itself; 0: the usual one. */
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
	struct endpoint metrics[CONF_METRICS_MAX]; /* to listen for them */
	size_t nmetrics;
	const char *control; /* path of the socket; NULL: none */
	const char *control_group; /* NULL: stays as it is */
	bool control_said; /* the path is none that was made up */
	unsigned workers;
	uint32_t backlog; /* octets, 0 when nothing was said */
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
	struct logdir_conf *logdirs; /* rule->logs is bits by this order */
	size_t nlogdirs;
	uint32_t fed; /* bits of those that some rule sends flows to */
	const char *pidfile;
	uint32_t store; /* enum classic_field: of logfile and logsock */
	struct colset columns; /* of logdirs */
	struct other_filter elements; /* of their column "other" */
	struct decoder_limits limits; /* 0: the usual one */
	struct conf_limits own_limits;
	const char *user; /* NULL: the usual one */
	const char *statefile; /* see conf_statefile() */
	struct ruleset *rules; /* counters are its own; NULL: not compiled */
	struct source src; /* what was read, and what it was parsed to */
	struct filter filter;
	struct ast ast;
	char *path;
	char *cwd;
};

void conf_free(struct conf *conf);

/* Log what is no error, but hardly what was meant. */
void conf_warn(const struct conf *conf);

/* Where the state is kept: beside the pid file unless another path is said. */
const char *conf_statefile(const struct conf *conf);
/* Octets for datagrams that wait. */
size_t conf_backlog(const struct conf *conf);
/* Octets of a mailbox. */
size_t conf_ring_octets(const struct conf *conf);
/* Exporters that metrics name. */
size_t conf_metrics_exporters(const struct conf *conf);

/* Do "flow source" lines let this exporter in? */
bool conf_permits(const struct conf *conf, const struct addr *exporter);

#endif
