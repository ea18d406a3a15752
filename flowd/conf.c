/* The daemon's configuration; see conf.h. */
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "conf.h"
#include "daemonlog.h"
#include "parse.h"

enum { MESSAGE_MAX = 4096 };

/* A report has up to three lines; each is a line of the log, too. */
static void
log_diag(const struct diag *d, void *arg)
{
	struct buf out;
	char *line, *end;

	(void)arg;
	buf_init(&out, MESSAGE_MAX);
	diag_format(d, &out);
	buf_append_char(&out, '\0');
	if (!buf_ok(&out)) {
		log_error("%s:%u: %s", d->at.src->name, (unsigned)d->at.line,
		    d->text);
	} else {
		line = (char *)out.ptr;
		for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
			*end = '\0';
			log_error("%s", line);
		}
	}
	buf_fini(&out);
}

/* A statement and what the configuration makes of it. */
struct conf_maker {
	struct conf *conf;
	const struct conf_request *req;
	struct diag_sink sink;
	bool stored; /* there is a "store" */
	bool socket; /* there is a "logsock" */
};

static void *
conf_alloc(struct conf *conf, size_t nmemb, size_t size)
{
	void *p = arena_calloc(&conf->ast.arena, nmemb, size);

	if (p == NULL)
		log_error("%s: out of memory", conf->path);
	return p;
}

/* Relative to where flowd was started: it is in / when it has detached. */
static const char *
make_path(struct conf_maker *m, const struct stmt *stmt)
{
	size_t cwd = strlen(m->req->cwd), len = strlen(stmt->text);
	char *path;

	if (len == 0)
		diag_report(&m->sink, &stmt->at, "the path is empty");
	if (len == 0 || stmt->text[0] == '/')
		return stmt->text;
	path = conf_alloc(m->conf, 1, cwd + 1 + len + 1);
	if (path == NULL)
		return NULL;
	memcpy(path, m->req->cwd, cwd);
	path[cwd] = '/';
	memcpy(path + cwd + 1, stmt->text, len + 1);
	return path;
}

static void
make_source(struct conf_maker *m, const struct stmt *stmt)
{
	if (stmt->source.any)
		m->conf->any_source = true;
	else
		m->conf->sources[m->conf->nsources++] = stmt->source.prefix;
}

static void
make_listen(struct conf_maker *m, const struct stmt *stmt)
{
	if (m->conf->nlisten == CONF_LISTEN_MAX)
		diag_report(&m->sink, &stmt->at,
		    "more than %d addresses to listen on", CONF_LISTEN_MAX);
	else
		m->conf->listen[m->conf->nlisten++] = stmt->endpoint;
}

static void
make_group(struct conf_maker *m, const struct stmt *stmt)
{
	m->conf->groups[m->conf->ngroups++] = stmt->group;
}

/* Does what is sent there come back to this listener? */
static bool
comes_back(const struct collector *to, const struct endpoint *at)
{
	bool all, local;

	if (to->port != at->port || to->addr.family != at->addr.family)
		return false;
	if (to->addr.family == ADDR_V4) {
		all = at->addr.v4 == 0;
		local = to->addr.v4 >> 24 == 127 || to->addr.v4 == 0;
	} else {
		all = at->addr.v6.hi == 0 && at->addr.v6.lo == 0;
		local = to->addr.v6.hi == 0 && to->addr.v6.lo <= 1;
	}
	return addr_equal(&to->addr, &at->addr) || (all && local);
}

static void
make_forward(struct conf_maker *m, const struct stmt *stmt)
{
	m->conf->forward[m->conf->nforward++] = stmt->collector;
}

/* Listeners may stand behind them, so this comes last. */
static void
check_forward(struct conf_maker *m, const struct stmt *stmt)
{
	for (size_t i = 0; i < m->conf->nlisten; i++)
		if (comes_back(&stmt->collector, &m->conf->listen[i])) {
			diag_report(&m->sink, &stmt->at,
			    "flowd would forward to itself, for ever");
			return;
		}
}

static void
make_store(struct conf_maker *m, const struct stmt *stmt)
{
	if (stmt->store.classic == CLASSIC_NONE)
		diag_report(&m->sink, &stmt->at,
		    "\"%s\" cannot be stored in a logfile",
		    column_info[stmt->store.column].name);
	if (!m->stored)
		m->conf->store = CLASSIC_NONE;
	m->stored = true;
	m->conf->store |= stmt->store.classic;
}

/* Parsed, but for a later version: never left out without a word. */
static void
make_unsupported(struct conf_maker *m, const struct stmt *stmt)
{
	if (m->req->use == CONF_CHECK)
		log_warn("%s:%u: \"%s\" is not supported by this version: "
			 "flowd will not start with it",
		    stmt->at.src->name, (unsigned)stmt->at.line,
		    stmt_name(stmt->kind));
	else
		diag_report(&m->sink, &stmt->at,
		    "\"%s\" is not supported by this version",
		    stmt_name(stmt->kind));
}

static void
make_statement(struct conf_maker *m, const struct stmt *stmt)
{
	switch (stmt->kind) {
	case STMT_LOGFILE:
		m->conf->logfile = make_path(m, stmt);
		break;
	case STMT_PIDFILE:
		m->conf->pidfile = make_path(m, stmt);
		break;
	case STMT_LISTEN:
		make_listen(m, stmt);
		break;
	case STMT_FLOW_SOURCE:
		make_source(m, stmt);
		break;
	case STMT_JOIN_GROUP:
		make_group(m, stmt);
		break;
	case STMT_WORKERS:
		m->conf->workers = stmt->number;
		if (stmt->number > 1)
			make_unsupported(m, stmt);
		break;
	case STMT_BACKLOG:
		m->conf->backlog = stmt->number;
		break;
	case STMT_STORE:
		make_store(m, stmt);
		break;
	case STMT_FORWARD:
		make_forward(m, stmt);
		break;
	case STMT_LOGSOCK:
		m->socket = true;
		make_unsupported(m, stmt);
		break;
	case STMT_RULE:
		break;
	}
}

static size_t
count_statements(const struct ast *ast, enum stmt_kind kind)
{
	size_t n = 0;

	for (const struct stmt *s = ast->first; s != NULL; s = s->next)
		n += s->kind == kind;
	return n;
}

static bool
make_room(struct conf *conf)
{
	size_t nlisten = count_statements(&conf->ast, STMT_LISTEN);
	size_t nsources = count_statements(&conf->ast, STMT_FLOW_SOURCE);
	size_t ngroups = count_statements(&conf->ast, STMT_JOIN_GROUP);
	size_t nforward = count_statements(&conf->ast, STMT_FORWARD);

	/* One more than needed: nothing of size 0 is asked for. */
	conf->listen = conf_alloc(conf, nlisten + 1, sizeof(*conf->listen));
	conf->sources = conf_alloc(conf, nsources + 1, sizeof(*conf->sources));
	conf->groups = conf_alloc(conf, ngroups + 1, sizeof(*conf->groups));
	conf->forward = conf_alloc(conf, nforward + 1, sizeof(*conf->forward));
	return conf->listen != NULL && conf->sources != NULL &&
	       conf->groups != NULL && conf->forward != NULL;
}

static bool
is_whole(const struct conf_maker *m)
{
	bool whole = true;

	if (m->conf->logfile == NULL && !m->socket) {
		log_error("%s: no log file or socket specified", m->conf->path);
		whole = false;
	}
	if (m->conf->nlisten == 0 && m->req->use != CONF_REPLAY) {
		log_error(
		    "%s: no listening addresses specified", m->conf->path);
		whole = false;
	}
	return whole;
}

static bool
conf_make(struct conf_maker *m)
{
	struct conf *conf = m->conf;

	if (!make_room(conf))
		return false;
	conf->store = CLASSIC_ALL;
	conf->workers = 1;
	conf->pidfile = FLOWD_PIDFILE;
	for (const struct stmt *s = conf->ast.first; s != NULL; s = s->next)
		make_statement(m, s);
	for (const struct stmt *s = conf->ast.first; s != NULL; s = s->next)
		if (s->kind == STMT_FORWARD)
			check_forward(m, s);
	conf->rules = ruleset_new(ast_rules(&conf->ast));
	if (conf->rules == NULL)
		return false;
	return m->sink.count == 0 && is_whole(m);
}

static bool
conf_define(struct conf *conf, const struct conf_request *req)
{
	for (size_t i = 0; i < req->ndefines; i++)
		if (ast_define(&conf->ast, req->defines[i]) != 0) {
			log_error("could not parse macro definition %s: "
				  "write -D NAME=VALUE",
			    req->defines[i]);
			return false;
		}
	return true;
}

static bool
conf_read(struct conf *conf, const struct conf_request *req)
{
	struct conf_maker m = { .conf = conf, .req = req };
	struct flowd_error err;
	bool parsed;

	m.sink.report = log_diag;
	if (!conf_define(conf, req))
		return false;
	if (source_read(&conf->src, conf->path, &err) != 0) {
		log_error("%s", err.text);
		return false;
	}
	parsed = parse_config(&conf->ast, &conf->src, &m.sink) == 0;
	if (!parsed && m.sink.count == 0)
		log_error("%s: out of memory", conf->path);
	return conf_make(&m) && parsed;
}

struct conf *
conf_load(const struct conf_request *req)
{
	struct conf *conf = calloc(1, sizeof(*conf));

	if (conf == NULL || ast_init(&conf->ast) != 0 ||
	    (conf->path = strdup(req->path)) == NULL) {
		log_error("%s: out of memory", req->path);
		conf_free(conf);
		return NULL;
	}
	if (!conf_read(conf, req)) {
		conf_free(conf);
		return NULL;
	}
	return conf;
}

void
conf_free(struct conf *conf)
{
	if (conf == NULL)
		return;
	ruleset_free(conf->rules);
	ast_fini(&conf->ast);
	source_fini(&conf->src);
	free(conf->path);
	free(conf);
}

bool
conf_permits(const struct conf *conf, const struct addr *exporter)
{
	if (conf->any_source || conf->nsources == 0)
		return true;
	for (size_t i = 0; i < conf->nsources; i++)
		if (prefix_match(&conf->sources[i], exporter))
			return true;
	return false;
}
