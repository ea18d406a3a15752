/*
 * The configuration as the daemon uses it: made of the statements of
 * flowd.conf (lib/filter/ast.h), checked to be whole.
 *
 * Tests: test/program/test_flowd.py, test/program/test_conf_golden.py.
 */
#ifndef FLOWD_CONF_H
#define FLOWD_CONF_H

#include "ast.h"
#include "ruleset.h"

enum { CONF_LISTEN_MAX = 8192 };

/* What it is read for decides what must be there. */
enum conf_use {
	CONF_CHECK, /* flowd -n */
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
};

struct conf {
	struct endpoint *listen;
	size_t nlisten;
	struct group *groups;
	size_t ngroups;
	struct collector *forward;
	size_t nforward;
	unsigned workers;
	uint32_t backlog; /* octets, 0 when nothing was said */
	struct prefix *sources;
	size_t nsources;
	bool any_source;
	const char *logfile;
	const char *pidfile;
	uint32_t store; /* enum classic_field */
	struct ruleset *rules; /* counters are its own */
	struct source src; /* the three below are what it stands on */
	struct ast ast;
	char *path;
};

/* NULL after every error has been logged. */
struct conf *conf_load(const struct conf_request *req);
void conf_free(struct conf *conf);

/* Do "flow source" lines let this exporter in? */
bool conf_permits(const struct conf *conf, const struct addr *exporter);

#endif
