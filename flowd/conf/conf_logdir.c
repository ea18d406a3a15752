/*
 * The configuration's logfile and logdirs; see conf.h.
 * Test: test/unit/flowd/conf/test_conf_logdir.c.
 */
#include <string.h>

#include "conf_statements.h"
#include "suggest.h"

bool
conf_logdir_begin(struct conf_builder *m)
{
	m->conf->logdirs =
	    conf_alloc(m->conf, CONF_LOGDIR_MAX, sizeof(*m->conf->logdirs));
	return m->conf->logdirs != NULL;
}

static struct conf_access
access_of(const struct logdir_line *line)
{
	return (struct conf_access){ line->mode, line->group };
}

/* The last statement wins. */
void
conf_logfile(struct conf_builder *m, const struct stmt *stmt)
{
	const struct logdir_line *line = stmt->logdir;

	m->conf->logfile = conf_path(m, stmt, line->path);
	m->conf->logfile_max = line->max_octets;
	m->conf->logfile_access = access_of(line);
}

/* Set the defaults of a logdir. */
static void
apply_defaults(struct logdir_conf *d)
{
	if (d->rotate_sec == 0)
		d->rotate_sec = 300;
	if (d->flush_ms == 0)
		d->flush_ms = 1000;
}

static enum compression
compression_of(enum logdir_compress compress)
{
	switch (compress) {
	case LOGDIR_COMPRESS_NONE:
		return COMPRESS_NONE;
	case LOGDIR_COMPRESS_LZ4:
		return COMPRESS_LZ4;
	default:
		return COMPRESS_ZSTD;
	}
}

/* The command with its path made absolute. NULL: none. */
static const char *const *
command_of(struct conf_builder *m, const struct stmt *stmt)
{
	const char *const *argv = stmt->logdir->on_rotate;
	const char **made;
	size_t n = 0;

	if (argv == NULL)
		return NULL;
	while (argv[n] != NULL)
		n++;
	made = conf_alloc(m->conf, n + 1, sizeof(*made));
	if (made == NULL)
		return NULL;
	memcpy(made, argv, n * sizeof(*made));
	made[0] = conf_path(m, stmt, argv[0]);
	return made;
}

static bool
is_same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* Skip slashes and "." components. */
static const char *
skip_slashes(const char *p)
{
	while (p[0] == '/' ||
	    (p[0] == '.' && (p[1] == '/' || p[1] == '\0')))
		p++;
	return p;
}

/* Compares text only: /a/b, /a//b, /a/./b and /a/b/ are equal. */
static bool
is_same_path(const char *a, const char *b)
{
	for (;;) {
		size_t na, nb;

		a = skip_slashes(a);
		b = skip_slashes(b);
		na = strcspn(a, "/");
		nb = strcspn(b, "/");
		if (na != nb || memcmp(a, b, na) != 0)
			return false;
		if (na == 0)
			return true;
		a += na;
		b += nb;
	}
}

static bool
is_new(struct conf_builder *m, const struct stmt *stmt,
    const struct logdir_conf *d)
{
	const struct conf *conf = m->conf;

	for (size_t i = 0; i < conf->nlogdirs; i++) {
		if (is_same_path(conf->logdirs[i].path, d->path))
			diag_report(&m->sink, &stmt->at,
			    "this directory is already a logdir");
		else if (is_same(conf->logdirs[i].name, d->name))
			diag_report(&m->sink, &stmt->at,
			    "another logdir is named \"%s\"", d->name);
		else
			continue;
		return false;
	}
	return true;
}

void
conf_logdir(struct conf_builder *m, const struct stmt *stmt)
{
	const struct logdir_line *line = stmt->logdir;
	struct logdir_conf d = {
		.path = conf_path(m, stmt, line->path),
		.name = line->name,
		.rotate_sec = line->rotate_sec,
		.keep_sec = line->keep_sec,
		.max_octets = line->max_octets,
		.access = access_of(line),
		.free_percent = line->keep_free,
		.least_percent = line->has_least ? line->keep_least
						 : CONF_LEAST_PERCENT,
		.compression = compression_of(line->compress),
		.level = (int)line->level,
		.flush_ms = line->flush_ms,
		.on_rotate = command_of(m, stmt),
	};

	apply_defaults(&d);
	if (d.path == NULL || (line->on_rotate != NULL && d.on_rotate == NULL))
		m->sink.count++;
	else if (m->conf->nlogdirs == CONF_LOGDIR_MAX)
		diag_report(&m->sink, &stmt->at, "more than %d logdirs",
		    CONF_LOGDIR_MAX);
	else if (is_new(m, stmt, &d))
		m->conf->logdirs[m->conf->nlogdirs++] = d;
}

static bool
find_log(const struct conf *conf, const char *name, size_t *at)
{
	for (*at = 0; *at < conf->nlogdirs; (*at)++)
		if (is_same(conf->logdirs[*at].name, name))
			return true;
	return false;
}

static void
report_unknown_log(struct conf_builder *m, const struct log_name *name)
{
	const char *words[CONF_LOGDIR_MAX], *near;
	size_t n = 0;

	for (size_t i = 0; i < m->conf->nlogdirs; i++)
		if (m->conf->logdirs[i].name != NULL)
			words[n++] = m->conf->logdirs[i].name;
	near = suggest_word(name->name, words, n);
	if (near != NULL)
		diag_report(&m->sink, &name->at,
		    "no logdir is named \"%s\"; did you mean \"%s\"?",
		    name->name, near);
	else
		diag_report(&m->sink, &name->at, "no logdir is named \"%s\"",
		    name->name);
}

void
conf_rule_logs(struct conf_builder *m, struct rule *rule)
{
	size_t at;

	rule->logs = 0;
	for (const struct log_name *n = rule->log_names; n != NULL;
	     n = n->next)
		if (find_log(m->conf, n->name, &at))
			rule->logs |= UINT32_C(1) << at;
		else
			report_unknown_log(m, n);
	m->conf->rule_logs |= rule->discard ? 0 : rule->logs;
}

