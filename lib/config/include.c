/*
 * Included files: include "PATH", whose last part may be a pattern; see
 * config_parser.h. Test: test/program/reader/test_rules.py.
 *
 * An included file is parsed by another parser, on the stack, while the parser
 * of the line waits: its statements, macros and errors stand where the line
 * stands. So parse_file() and config_parser_run() call each other, at most
 * INCLUDE_DEPTH_MAX times; a list of parsers on the heap would hold the same.
 */
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_parser.h"

enum {
	INCLUDE_DEPTH_MAX = 8,
	PATH_OCTETS_MAX = 4096
};

/* Is this the name of the current file, or of one that includes it? */
static bool
includes_itself(const struct config_parser *p, const char *path)
{
	for (; p != NULL; p = p->includer)
		if (strcmp(p->base.lex.next.src->name, path) == 0)
			return true;
	return false;
}

static unsigned
include_depth(const struct config_parser *p)
{
	unsigned n = 0;

	for (; p->includer != NULL; p = p->includer)
		n++;
	return n;
}

static bool
fail_at(struct config_parser *p, const struct stmt *stmt, const char *text)
{
	diag_report(p->base.sink, &stmt->at, "include: %s", text);
	return false;
}

/* Reads a file; the filter keeps its text. */
static const struct source *
keep_file(struct config_parser *p, const struct stmt *stmt, const char *path)
{
	struct filter_text *file = parser_alloc(&p->base, sizeof(*file));
	const char *name;
	struct flowd_error err;

	if (file == NULL ||
	    !parser_copy_text(&p->base, path, strlen(path), &name))
		return NULL;
	if (source_read_regular(&file->src, name, &err) != 0) {
		(void)fail_at(p, stmt, err.text);
		return NULL;
	}
	file->next = p->ast->filter->texts;
	p->ast->filter->texts = file;
	p->ast->nincluded++;
	p->ast->included_octets += file->src.text.len;
	return &file->src;
}

static bool
parse_file(struct config_parser *p, const struct stmt *stmt, const char *path)
{
	struct config_parser inner = { .ast = p->ast, .includer = p,
		.base = { .filter = p->base.filter, .sink = p->base.sink,
		    .main = p->base.main } };
	const struct source *src;

	if (includes_itself(p, path))
		return fail_at(p, stmt, "the file includes itself");
	if (include_depth(p) == INCLUDE_DEPTH_MAX)
		return fail_at(p, stmt, "files include one another too deeply");
	if (p->ast->nincluded == AST_INCLUDED_MAX ||
	    p->ast->included_octets > AST_INCLUDED_OCTETS_MAX)
		return fail_at(p, stmt, "too many files");
	src = keep_file(p, stmt, path);
	if (src == NULL)
		return false;
	/*
	 * Errors in it have been reported; the lines after the include are
	 * parsed anyway.
	 */
	(void)config_parser_run(&inner, src);
	p->base.nomem |= inner.base.nomem;
	return true;
}

/* The names in a directory that match a pattern. */
struct names {
	char *list[AST_INCLUDED_MAX];
	size_t n;
};

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Returns an error message, or NULL. */
static const char *
find_names(const char *folder, const char *pattern, struct names *names)
{
	DIR *dir = opendir(folder);
	const char *wrong = NULL;
	struct dirent *e;

	if (dir == NULL)
		return strerror(errno);
	while (wrong == NULL && (e = readdir(dir)) != NULL) {
		if (fnmatch(pattern, e->d_name, FNM_PERIOD) != 0)
			continue;
		if (names->n == AST_INCLUDED_MAX)
			wrong = "too many files";
		else if ((names->list[names->n] = strdup(e->d_name)) == NULL)
			wrong = "out of memory";
		else
			names->n++;
	}
	(void)closedir(dir);
	qsort(names->list, names->n, sizeof(names->list[0]), compare_names);
	return wrong;
}

static bool
parse_names(struct config_parser *p, const struct stmt *stmt,
    const char *folder, const struct names *names)
{
	char path[2 * PATH_OCTETS_MAX];
	bool good = true;

	for (size_t i = 0; good && i < names->n; i++) {
		(void)snprintf(path, sizeof(path), "%s%s", folder,
		    names->list[i]);
		good = parse_file(p, stmt, path);
	}
	return good;
}

/* Parses all files that match a pattern, sorted by name. Modifies path. */
static bool
parse_pattern(struct config_parser *p, const struct stmt *stmt, char *path)
{
	char *slash = strrchr(path, '/');
	char pattern[PATH_OCTETS_MAX];
	struct names names = { .n = 0 };
	const char *wrong;
	bool good = false;

	(void)snprintf(pattern, sizeof(pattern), "%s",
	    slash != NULL ? slash + 1 : path);
	*(slash != NULL ? slash + 1 : path) = '\0';
	wrong = find_names(path[0] != '\0' ? path : ".", pattern, &names);
	if (wrong != NULL)
		(void)fail_at(p, stmt, wrong);
	else
		good = parse_names(p, stmt, path, &names);
	for (size_t i = 0; i < names.n; i++)
		free(names.list[i]);
	return good;
}

static bool
has_pattern(const char *text)
{
	return strpbrk(text, "*?[") != NULL;
}

bool
include_parse(struct config_parser *p, const struct stmt *stmt)
{
	const char *slash = strrchr(stmt->text, '/');
	const char *last = slash != NULL ? slash + 1 : stmt->text;
	char path[PATH_OCTETS_MAX];

	if (!p->ast->may_include)
		return fail_at(p, stmt, "no files are read here");
	if (!source_path(stmt->at.src, stmt->text, path, sizeof(path)))
		return fail_at(p, stmt, "the path is too long");
	if (has_pattern(last))
		return parse_pattern(p, stmt, path);
	return parse_file(p, stmt, path);
}
