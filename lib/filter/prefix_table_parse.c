/*
 * Tables in a configuration; see prefix_table.h and parser.h.
 *
 *	table <NAME> { PREFIX, ! PREFIX, <OTHER>, ... } file "PATH" ...
 *
 * Test: test/unit/filter/test_prefix_table.c.
 */
#include <string.h>

#include "parser.h"

enum {
	PATH_OCTETS_MAX = 4096
};

/* "<NAME>", read into name. */
static bool
parse_name(struct parser *p, char name[TABLE_NAME_MAX + 1])
{
	const struct token *tok = &p->lex.tok;
	size_t len = 0;

	if (!at_char(p, '<'))
		return parser_expected(p, "<NAME> of a table");
	parser_next(p);
	while (tok->kind == TOKEN_WORD || at_char(p, '-')) {
		if (len + tok->len > TABLE_NAME_MAX)
			return parser_fail(p,
			    "a name of more than %d octets", TABLE_NAME_MAX);
		memcpy(name + len, tok->text, tok->len);
		len += tok->len;
		parser_next(p);
		if (!tok->glued)
			break;
	}
	name[len] = '\0';
	if (len == 0)
		return parser_expected(p, "the name of a table");
	if (strpbrk(name, "\"'") != NULL)
		return parser_fail(p, "a quote in the name of a table");
	if (!at_char(p, '>'))
		return parser_expected(p, "> behind the name of the table");
	parser_next(p);
	return true;
}

static bool
fail_unknown(struct parser *p, const struct place *at, const char *name)
{
	const struct prefix_table *t = p->filter->tables;

	diag_report(p->sink, at,
	    t == NULL ? "table <%s> is not defined; write table <%s> { ... } "
			"in front of this line"
		      : "table <%s> is not defined in front of this line",
	    name, name);
	return false;
}

bool
item_table(struct parser *p, const struct prefix_table **table)
{
	struct place at = p->lex.tok.at;
	char name[TABLE_NAME_MAX + 1];

	if (!parse_name(p, name))
		return false;
	*table = prefix_table_find(p->filter->tables, name);
	return *table != NULL || fail_unknown(p, &at, name);
}

bool
item_address(struct parser *p, struct filter_value *v)
{
	v->kind = at_char(p, '<') ? VALUE_TABLE : VALUE_PREFIX;
	if (v->kind == VALUE_TABLE)
		return item_table(p, &v->table);
	if (!item_prefix(p, &v->prefix))
		return false;
	v->scope = p->scope;
	return true;
}

/* A prefix or a table, with or without "!" in front. */
static bool
parse_entry(struct parser *p, struct filter_value *v)
{
	if (at_char(p, '!')) {
		v->except = true;
		parser_next(p);
	}
	return item_address(p, v);
}

bool
item_addresses(struct parser *p, struct filter_value **values)
{
	struct place opened = p->lex.tok.at;

	if (!item_open(p, '{'))
		return false;
	while (!at_char(p, '}')) {
		if (p->lex.tok.kind == TOKEN_END)
			return item_close(p, '}', &opened);
		*values = parser_alloc(p, sizeof(**values));
		if (*values == NULL || !parse_entry(p, *values))
			return false;
		values = &(*values)->next;
		if (at_char(p, ','))
			parser_next(p);
	}
	return item_close(p, '}', &opened);
}

static bool
parse_file(struct parser *p, struct prefix_file ***last)
{
	struct prefix_file *f = parser_alloc(p, sizeof(*f));
	char path[PATH_OCTETS_MAX];

	if (f == NULL)
		return false;
	parser_next(p);
	f->at = p->lex.tok.at;
	if (p->lex.tok.kind != TOKEN_STRING && p->lex.tok.kind != TOKEN_WORD)
		return parser_expected(p, "the path of a file in quotes");
	if (!source_path(f->at.src, p->lex.tok.text, path, sizeof(path)))
		return parser_fail(p, "the path is too long");
	f->path = arena_strndup(&p->filter->arena, path, strlen(path));
	p->nomem |= f->path == NULL;
	if (p->nomem)
		return false;
	f->printed = f->path + source_folder_len(p->main, f->path);
	parser_next(p);
	**last = f;
	*last = &f->next;
	return true;
}

static bool
parse_parts(struct parser *p, struct prefix_table *t)
{
	struct prefix_file **files = &t->files;
	bool any = false;

	for (;; any = true) {
		if (at_char(p, '{') && t->entries == NULL && !t->listed) {
			t->listed = true;
			if (!item_addresses(p, &t->entries))
				return false;
		} else if (at_word(p, "file")) {
			if (!parse_file(p, &files))
				return false;
		} else {
			break;
		}
	}
	return any || parser_expected(p, "{ PREFIX, ... } or file \"PATH\"");
}

struct prefix_table *
prefix_table_parse(struct parser *p)
{
	struct prefix_table *t = parser_alloc(p, sizeof(*t)), **last;
	char name[TABLE_NAME_MAX + 1];
	struct place at = p->lex.tok.at;

	if (t == NULL || !parse_name(p, name))
		return NULL;
	if (prefix_table_find(p->filter->tables, name) != NULL) {
		diag_report(p->sink, &at, "table <%s> is defined already",
		    name);
		return NULL;
	}
	if (++p->filter->ntables > TABLES_MAX) {
		(void)parser_fail(p, "more than %d tables", TABLES_MAX);
		return NULL;
	}
	t->at = at;
	t->name = arena_strndup(&p->filter->arena, name, strlen(name));
	p->nomem |= t->name == NULL;
	if (p->nomem || !parse_parts(p, t))
		return NULL;
	for (last = &p->filter->tables; *last != NULL; last = &(*last)->next)
		;
	*last = t;
	return t;
}
