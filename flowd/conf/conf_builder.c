/* Shared by the files that build a configuration; see conf_builder.h. */
#include <string.h>

#include "conf_builder.h"
#include "log.h"

void *
conf_alloc(struct conf *conf, size_t nmemb, size_t size)
{
	void *p = arena_calloc(&conf->filter.arena, nmemb, size);

	if (p == NULL)
		log_error("%s: out of memory", conf->path);
	return p;
}

/*
 * Relative to the directory where flowd was started: the daemon changes to /.
 */
const char *
conf_path(struct conf_builder *m, const struct stmt *stmt, const char *text)
{
	size_t cwd = strlen(m->req->cwd), len = strlen(text);
	char *path;

	if (len == 0)
		diag_report(&m->sink, &stmt->at, "the path is empty");
	if (len == 0 || text[0] == '/')
		return text;
	path = conf_alloc(m->conf, 1, cwd + 1 + len + 1);
	if (path == NULL)
		return NULL;
	memcpy(path, m->req->cwd, cwd);
	path[cwd] = '/';
	memcpy(path + cwd + 1, text, len + 1);
	return path;
}

size_t
conf_count(const struct conf *conf, enum stmt_kind kind)
{
	size_t n = 0;

	for (const struct stmt *s = conf->ast.first; s != NULL; s = s->next)
		n += s->kind == kind;
	return n;
}
