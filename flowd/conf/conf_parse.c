/* The daemon's configuration; see conf_parse.h. */
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "conf_parse.h"
#include "conf_statements.h"
#include "endpoint.h"
#include "log.h"
#include "parse.h"
#include "recv_queue.h"

enum { MESSAGE_MAX = 4096 };

_Static_assert((int)BACKLOG_MIN == (int)RECV_QUEUE_CHUNK_OCTETS,
    "a backlog has room for a chunk");

/* A diagnostic has up to three lines; log each of them. */
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

static void
add_source(struct conf_builder *m, const struct stmt *stmt)
{
	if (stmt->source.any)
		m->conf->any_source = true;
	else
		m->conf->sources[m->conf->nsources++] = stmt->source.prefix;
}

static void
add_exporter(struct conf_builder *m, const struct stmt *stmt)
{
	m->conf->rates[m->conf->nrates++] = (struct decoder_rate){
		.exporters = stmt->exporter.prefix,
		.interval = stmt->exporter.sampling,
	};
}

static bool
listens_on(const struct conf *conf, const struct endpoint *at)
{
	for (size_t i = 0; i < conf->nlisten; i++)
		if (conf->listen[i].port == at->port &&
		    addr_equal(&conf->listen[i].addr, &at->addr) &&
		    strcmp(conf->listen[i].iface, at->iface) == 0)
			return true;
	return false;
}

static void
add_listen(struct conf_builder *m, const struct stmt *stmt)
{
	char text[ENDPOINT_TEXT_MAX];

	if (listens_on(m->conf, &stmt->endpoint))
		diag_report(&m->sink, &stmt->at, "cannot listen on %s twice",
		    endpoint_format(&stmt->endpoint, text));
	else if (m->conf->nlisten == CONF_LISTEN_MAX)
		diag_report(&m->sink, &stmt->at,
		    "more than %d addresses to listen on", CONF_LISTEN_MAX);
	else
		m->conf->listen[m->conf->nlisten++] = stmt->endpoint;
}

static void
add_group(struct conf_builder *m, const struct stmt *stmt)
{
	m->conf->groups[m->conf->ngroups++] = stmt->group;
}

/* Is the collector this listener (a forwarding loop)? */
static bool
is_loop(const struct collector *to, const struct endpoint *at)
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
add_forward(struct conf_builder *m, const struct stmt *stmt)
{
	if (m->conf->nforward == CONF_FORWARD_MAX)
		diag_report(&m->sink, &stmt->at,
		    "more than %d collectors to forward to", CONF_FORWARD_MAX);
	else
		m->conf->forward[m->conf->nforward++] = stmt->collector;
}

static void
check_forward(struct conf_builder *m, const struct stmt *stmt)
{
	for (size_t i = 0; i < m->conf->nlisten; i++)
		if (is_loop(&stmt->collector, &m->conf->listen[i])) {
			diag_report(&m->sink, &stmt->at,
			    "forwarding loop: flowd listens on this address");
			return;
		}
}

/* The last statement wins, but a size from an earlier one stays. */
static void
set_logsock(struct conf_builder *m, const struct stmt *stmt)
{
	struct sockaddr_un un;
	const char *path = conf_path(m, stmt, stmt->socket.path);

	if (path != NULL && strlen(path) >= sizeof(un.sun_path))
		diag_report(&m->sink, &stmt->at,
		    "the path of a socket has at most %zu octets, not %zu",
		    sizeof(un.sun_path) - 1, strlen(path));
	m->conf->logsock = path;
	if (stmt->socket.bufsize > 0)
		m->conf->logsock_bufsize = stmt->socket.bufsize;
}

/* The last statement wins. */
static void
set_control(struct conf_builder *m, const struct stmt *stmt)
{
	struct sockaddr_un un;
	const char *path = stmt->control.path;

	m->conf->control = path != NULL ? conf_path(m, stmt, path) : NULL;
	m->conf->control_group = stmt->control.group;
	m->conf->control_is_set = true;
	if (m->conf->control != NULL &&
	    strlen(m->conf->control) >= sizeof(un.sun_path))
		diag_report(&m->sink, &stmt->at,
		    "the path of a socket has at most %zu octets, not %zu",
		    sizeof(un.sun_path) - 1, strlen(m->conf->control));
}

static bool
serves_metrics(const struct conf *conf, const struct endpoint *at)
{
	for (size_t i = 0; i < conf->nmetrics; i++)
		if (conf->metrics[i].port == at->port &&
		    addr_equal(&conf->metrics[i].addr, &at->addr))
			return true;
	return false;
}

static void
add_metrics(struct conf_builder *m, const struct stmt *stmt)
{
	if (serves_metrics(m->conf, &stmt->endpoint))
		diag_report(&m->sink, &stmt->at,
		    "metrics are already served on this address");
	else if (m->conf->nmetrics == CONF_METRICS_MAX)
		diag_report(&m->sink, &stmt->at,
		    "more than %d addresses to serve metrics on",
		    CONF_METRICS_MAX);
	else
		m->conf->metrics[m->conf->nmetrics++] = stmt->endpoint;
}

static void
build_statement(struct conf_builder *m, const struct stmt *stmt)
{
	switch (stmt->kind) {
	case STMT_LOGFILE:
		conf_logfile(m, stmt);
		break;
	case STMT_PIDFILE:
		m->conf->pidfile = conf_path(m, stmt, stmt->text);
		break;
	case STMT_LIMIT:
		conf_limit(m, stmt);
		break;
	case STMT_USER:
		m->conf->user = stmt->text;
		break;
	case STMT_STATEFILE:
		m->conf->statefile = conf_path(m, stmt, stmt->text);
		break;
	case STMT_LISTEN:
		add_listen(m, stmt);
		break;
	case STMT_CONTROL:
		set_control(m, stmt);
		break;
	case STMT_METRICS:
		add_metrics(m, stmt);
		break;
	case STMT_FLOW_SOURCE:
		add_source(m, stmt);
		break;
	case STMT_EXPORTER:
		add_exporter(m, stmt);
		break;
	case STMT_JOIN_GROUP:
		add_group(m, stmt);
		break;
	case STMT_WORKERS:
		m->conf->workers = stmt->number;
		break;
	case STMT_BACKLOG:
		m->conf->backlog = stmt->number;
		break;
	case STMT_STORE:
		conf_store(m, stmt);
		break;
	case STMT_FORWARD:
		add_forward(m, stmt);
		break;
	case STMT_LOGSOCK:
		set_logsock(m, stmt);
		break;
	case STMT_LOGDIR:
		conf_logdir(m, stmt);
		break;
	case STMT_RULE:
	case STMT_TABLE:
	case STMT_INCLUDE:
		break;
	}
}

static bool
allocate_lists(struct conf *conf)
{
	size_t nlisten = conf_count(conf, STMT_LISTEN);
	size_t nsources = conf_count(conf, STMT_FLOW_SOURCE);
	size_t nrates = conf_count(conf, STMT_EXPORTER);
	size_t ngroups = conf_count(conf, STMT_JOIN_GROUP);
	size_t nforward = conf_count(conf, STMT_FORWARD);

	/* One more than needed, to avoid allocations of size 0. */
	conf->listen = conf_alloc(conf, nlisten + 1, sizeof(*conf->listen));
	conf->sources = conf_alloc(conf, nsources + 1, sizeof(*conf->sources));
	conf->rates = conf_alloc(conf, nrates + 1, sizeof(*conf->rates));
	conf->groups = conf_alloc(conf, ngroups + 1, sizeof(*conf->groups));
	conf->forward = conf_alloc(conf, nforward + 1, sizeof(*conf->forward));
	return conf->listen != NULL && conf->sources != NULL &&
	       conf->rates != NULL && conf->groups != NULL &&
	       conf->forward != NULL;
}

/* Checks that depend on later statements. */
static void
check_statements(struct conf_builder *m)
{
	for (const struct stmt *s = m->conf->ast.first; s != NULL; s = s->next)
		switch (s->kind) {
		case STMT_FORWARD:
			check_forward(m, s);
			break;
		case STMT_STORE:
			conf_store_check(m, s);
			break;
		case STMT_RULE:
			conf_rule_logs(m, s->rule);
			break;
		default:
			break;
		}
}

static bool
is_complete(const struct conf_builder *m)
{
	bool whole = true;

	if (m->conf->logfile == NULL && m->conf->logsock == NULL &&
	    m->conf->nlogdirs == 0) {
		log_error("%s: no log file, directory or socket specified",
		    m->conf->path);
		whole = false;
	} else if (m->conf->logfile == NULL && m->conf->nlogdirs == 0 &&
	    m->req->use == CONF_REPLAY) {
		log_error("%s: no log file or directory specified",
		    m->conf->path);
		whole = false;
	}
	if (m->conf->nlisten == 0 && m->req->use != CONF_REPLAY) {
		log_error(
		    "%s: no listening addresses specified", m->conf->path);
		whole = false;
	}
	return whole;
}

/*
 * A path beside the pid file: flowd.state for flowd.pid. NULL when out of
 * memory.
 */
static const char *
default_path(struct conf *conf, const char *suffix)
{
	static const char pid[] = ".pid";
	size_t len = strlen(conf->pidfile);
	char *path;

	if (len > strlen(pid) &&
	    strcmp(conf->pidfile + len - strlen(pid), pid) == 0)
		len -= strlen(pid);
	path = conf_alloc(conf, 1, len + strlen(suffix) + 1);
	if (path == NULL)
		return NULL;
	memcpy(path, conf->pidfile, len);
	memcpy(path + len, suffix, strlen(suffix) + 1);
	return path;
}

/* Set default paths. False when out of memory. */
static bool
set_default_paths(struct conf *conf)
{
	if (conf->statefile == NULL)
		conf->statefile = default_path(conf, ".state");
	if (!conf->control_is_set)
		conf->control = default_path(conf, ".sock");
	return conf->statefile != NULL &&
	    (conf->control != NULL || conf->control_is_set);
}

/* Load the tables and compile the rules. False when out of memory. */
static bool
compile_rules(struct conf_builder *m)
{
	struct conf *conf = m->conf;
	int bad;

	if (m->tables == NULL)
		return true;
	bad = m->tables->load(conf->filter.tables, &m->sink, m->tables->arg);
	if (bad == FLOWD_ENOMEM)
		return false;
	if (m->sink.count > 0 || bad != 0) {
		m->sink.count++;
		return true;
	}
	conf->rules = ruleset_new(conf->filter.rules);
	return conf->rules != NULL;
}

static bool
conf_build(struct conf_builder *m)
{
	struct conf *conf = m->conf;

	if (!allocate_lists(conf) || !conf_logdir_begin(m) ||
	    !conf_store_begin(m))
		return false;
	conf->workers = 1;
	conf->pidfile = FLOWD_PIDFILE;
	for (const struct stmt *s = conf->ast.first;
	     s != NULL && m->sink.count < PARSE_ERRORS_MAX; s = s->next)
		build_statement(m, s);
	check_statements(m);
	conf_store_end(m);
	if (!set_default_paths(conf) || !compile_rules(m)) {
		log_error("%s: out of memory", conf->path);
		return false;
	}
	return m->sink.count == 0 && is_complete(m);
}

static bool
conf_define(struct conf *conf, const struct conf_request *req)
{
	for (size_t i = 0; i < req->ndefines; i++)
		if (filter_define(&conf->filter, req->defines[i]) != 0) {
			log_error("could not parse macro definition %s: "
				  "write -D NAME=VALUE",
			    req->defines[i]);
			return false;
		}
	return true;
}

/* Parse the text in conf->src, and build the configuration. */
static bool
conf_parse(struct conf_builder *m)
{
	struct conf *conf = m->conf;
	int bad;

	m->sink.report = log_diag;
	conf->ast.may_include = m->tables != NULL && m->tables->may_include;
	conf->filter.keep_scopes = m->req->as_written;
	if (!conf_define(conf, m->req))
		return false;
	bad = parse_config(&conf->ast, &conf->src, &m->sink);
	/* Out of memory: nothing else would succeed. */
	return bad != FLOWD_ENOMEM && conf_build(m) && bad == 0;
}

static struct conf *
conf_new(const struct conf_request *req)
{
	struct conf *conf = calloc(1, sizeof(*conf));

	if (conf != NULL && filter_init(&conf->filter) == 0 &&
	    (conf->path = strdup(req->path)) != NULL &&
	    (conf->cwd = strdup(req->cwd)) != NULL) {
		ast_init(&conf->ast, &conf->filter);
		return conf;
	}
	log_error("%s: out of memory", req->path);
	conf_free(conf);
	return NULL;
}

struct conf *
conf_parse_source(const struct conf_request *req, struct source *src,
    const struct conf_tables *tables)
{
	struct conf *conf = conf_new(req);
	struct conf_builder m = { .conf = conf, .req = req, .tables = tables };

	if (conf == NULL) {
		source_fini(src);
		return NULL;
	}
	conf->src = *src;
	conf->src.name = conf->path;
	*src = (struct source){ .memory = NULL };
	if (conf_parse(&m))
		return conf;
	conf_free(conf);
	return NULL;
}

struct conf *
conf_parse_text(const struct conf_request *req, struct bytes text,
    const struct conf_tables *tables)
{
	struct source src = source_of_text(req->path, text);

	src.memory = malloc(text.len + 1);
	if (src.memory == NULL) {
		log_error("%s: out of memory", req->path);
		return NULL;
	}
	memcpy(src.memory, text.ptr, text.len);
	src.text.ptr = src.memory;
	return conf_parse_source(req, &src, tables);
}

