/*
 * Included files: include "PATH", where PATH may be a pattern; see parser.h.
 * Called by parse.c. Test: test/program/test_rules.py.
 */
#include <glob.h>
#include <string.h>

#include "parser.h"

enum {
	INCLUDE_DEPTH_MAX = 8,
	PATH_OCTETS_MAX = 4096
};

/* Is the file at hand, or one that includes it, of this name? */
static bool
includes_itself(const struct parser *p, const char *path)
{
	for (; p != NULL; p = p->includer)
		if (strcmp(p->lex.next.src->name, path) == 0)
			return true;
	return false;
}

static unsigned
depth(const struct parser *p)
{
	unsigned n = 0;

	for (; p->includer != NULL; p = p->includer)
		n++;
	return n;
}

static bool
fail_at(struct parser *p, const struct stmt *stmt, const char *text)
{
	diag_report(p->sink, &stmt->at, "include: %s", text);
	return false;
}

/* The text of a file, which the ast keeps. */
static const struct source *
keep_file(struct parser *p, const struct stmt *stmt, const char *path)
{
	struct included *file = parser_alloc(p, sizeof(*file));
	const char *name = arena_strndup(&p->ast->arena, path, strlen(path));
	struct flowd_error err;

	p->nomem |= name == NULL;
	if (p->nomem)
		return NULL;
	if (source_read_regular(&file->src, name, &err) != 0) {
		(void)fail_at(p, stmt, err.text);
		return NULL;
	}
	file->next = p->ast->included;
	p->ast->included = file;
	p->ast->nincluded++;
	p->ast->included_octets += file->src.text.len;
	return &file->src;
}

static bool
parse_file(struct parser *p, const struct stmt *stmt, const char *path)
{
	struct parser inner = { .ast = p->ast, .sink = p->sink,
		.includer = p };
	const struct source *src;

	if (includes_itself(p, path))
		return fail_at(p, stmt, "the file includes itself");
	if (depth(p) == INCLUDE_DEPTH_MAX)
		return fail_at(p, stmt, "files include one another too deeply");
	if (p->ast->nincluded == AST_INCLUDED_MAX ||
	    p->ast->included_octets > AST_INCLUDED_OCTETS_MAX)
		return fail_at(p, stmt, "too many files");
	src = keep_file(p, stmt, path);
	if (src == NULL)
		return false;
	/* Its errors are reported; the lines behind are read all the same. */
	(void)parser_run(&inner, src);
	p->nomem |= inner.nomem;
	return true;
}

/* All files of a pattern, in the order of their names. */
static bool
parse_pattern(struct parser *p, const struct stmt *stmt, const char *pattern)
{
	bool good = true;
	glob_t found;
	int rc = glob(pattern, 0, NULL, &found);

	if (rc == GLOB_NOMATCH)
		return true;
	if (rc != 0)
		return fail_at(p, stmt, "the pattern cannot be looked up");
	for (size_t i = 0; good && i < found.gl_pathc; i++)
		good = parse_file(p, stmt, found.gl_pathv[i]);
	globfree(&found);
	return good;
}

bool
include_parse(struct parser *p, const struct stmt *stmt)
{
	char path[PATH_OCTETS_MAX];

	if (!p->ast->may_include)
		return fail_at(p, stmt, "no files are read here");
	if (!source_path(stmt->at.src, stmt->text, path, sizeof(path)))
		return fail_at(p, stmt, "the path is too long");
	if (strpbrk(stmt->text, "*?[") != NULL)
		return parse_pattern(p, stmt, path);
	return parse_file(p, stmt, path);
}
