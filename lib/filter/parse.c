/*
 * Statements: one row of a table for each; see parse.h.
 * Test: test/unit/filter/test_parse.c.
 */
#include <string.h>

#include "field.h"
#include "parse.h"
#include "parser.h"
#include "suggest.h"

/* A word that is none of those it could be. Always false. */
static bool
fail_unknown(struct parser *p, const struct place *at, const char *what,
    const char *word, const char *near)
{
	if (near != NULL)
		diag_report(p->sink, at,
		    "unknown %s \"%.64s\"; did you mean \"%s\"?", what, word,
		    near);
	else
		diag_report(p->sink, at, "unknown %s \"%.64s\"", what, word);
	return false;
}

static bool
stmt_accept(struct parser *p, struct stmt *stmt)
{
	stmt->rule = rule_parse(p, false, &stmt->at);
	return stmt->rule != NULL;
}

static bool
stmt_discard(struct parser *p, struct stmt *stmt)
{
	stmt->rule = rule_parse(p, true, &stmt->at);
	return stmt->rule != NULL;
}

static bool
stmt_path(struct parser *p, struct stmt *stmt)
{
	return item_string(p, "the path of a file", &stmt->text);
}

static bool
stmt_socket(struct parser *p, struct stmt *stmt)
{
	if (!item_string(p, "the path of a socket", &stmt->socket.path))
		return false;
	if (!at_word(p, "bufsize"))
		return true;
	lex_next(&p->lex);
	return item_size(p, &stmt->socket.bufsize);
}

static bool
listen_bufsize(struct parser *p, struct endpoint *e)
{
	return item_size(p, &e->bufsize);
}

static bool
listen_iface(struct parser *p, struct endpoint *e)
{
	return item_name(
	    p, "the name of an interface", e->iface, sizeof(e->iface));
}

/* What may follow an address to listen on, in any order, each once. */
static const struct listen_option {
	const char *word;
	bool (*parse)(struct parser *p, struct endpoint *e);
} listen_options[] = {
	{ "on", listen_iface },
	{ "bufsize", listen_bufsize },
};

enum { NLISTEN = sizeof(listen_options) / sizeof(listen_options[0]) };

/* Returns the index of the option at hand, or NLISTEN. */
static size_t
at_listen_option(const struct parser *p)
{
	size_t i = 0;

	while (i < NLISTEN && !at_word(p, listen_options[i].word))
		i++;
	return i;
}

static bool
stmt_listen(struct parser *p, struct stmt *stmt)
{
	unsigned seen = 0;
	size_t i;

	if (!item_endpoint(p, &stmt->endpoint))
		return false;
	while ((i = at_listen_option(p)) < NLISTEN) {
		if (seen & 1u << i)
			return parser_fail(p, "\"%s\" stands twice",
			    listen_options[i].word);
		seen |= 1u << i;
		lex_next(&p->lex);
		if (!listen_options[i].parse(p, &stmt->endpoint))
			return false;
	}
	return true;
}

static bool
stmt_source(struct parser *p, struct stmt *stmt)
{
	if (!at_word(p, "any"))
		return item_prefix(p, &stmt->source.prefix);
	stmt->source.any = true;
	lex_next(&p->lex);
	return true;
}

static bool
stmt_group(struct parser *p, struct stmt *stmt)
{
	struct group *g = &stmt->group;

	if (!item_addr(p, &g->addr))
		return false;
	if (!at_word(p, "on"))
		return true;
	lex_next(&p->lex);
	return item_name(
	    p, "an interface or its address", g->on, sizeof(g->on));
}

static bool
stmt_forward(struct parser *p, struct stmt *stmt)
{
	struct collector *c = &stmt->collector;
	struct endpoint at = { .port = 0 };

	if (!item_endpoint(p, &at))
		return false;
	c->addr = at.addr;
	c->port = at.port;
	c->spoof = at_word(p, "spoof");
	if (c->spoof)
		lex_next(&p->lex);
	return true;
}

static bool
stmt_size(struct parser *p, struct stmt *stmt)
{
	return item_size(p, &stmt->number);
}

static bool
stmt_workers(struct parser *p, struct stmt *stmt)
{
	struct place at = p->lex.tok.at;

	if (!item_number(p, &stmt->number))
		return false;
	if (stmt->number >= 1 && stmt->number <= WORKERS_MAX)
		return true;
	diag_report(p->sink, &at, "%lu is not from 1 to %d",
	    (unsigned long)stmt->number, WORKERS_MAX);
	return false;
}

/* Keywords, too: all and tag are names of fields. */
static bool
stmt_store(struct parser *p, struct stmt *stmt)
{
	const struct token *tok = &p->lex.tok;
	struct store_choice *choice = &stmt->store;

	if (tok->kind != TOKEN_WORD && tok->kind != TOKEN_STRING)
		return parser_expected(p, "a field to store");
	if (store_field_find(tok->text, &choice->classic, &choice->column)) {
		lex_next(&p->lex);
		return true;
	}
	return fail_unknown(p, &tok->at, "store field type", tok->text,
	    store_field_suggest(tok->text));
}

/* A statement is one or two words and what its function reads. */
static const struct statement {
	const char *word;
	const char *then; /* NULL: it is one word */
	enum stmt_kind kind;
	bool (*parse)(struct parser *p, struct stmt *stmt);
} statements[] = {
	{ "accept", NULL, STMT_RULE, stmt_accept },
	{ "backlog", NULL, STMT_BACKLOG, stmt_size },
	{ "discard", NULL, STMT_RULE, stmt_discard },
	{ "flow", "source", STMT_FLOW_SOURCE, stmt_source },
	{ "forward", "to", STMT_FORWARD, stmt_forward },
	{ "join", "group", STMT_JOIN_GROUP, stmt_group },
	{ "listen", "on", STMT_LISTEN, stmt_listen },
	{ "logfile", NULL, STMT_LOGFILE, stmt_path },
	{ "logsock", NULL, STMT_LOGSOCK, stmt_socket },
	{ "pidfile", NULL, STMT_PIDFILE, stmt_path },
	{ "store", NULL, STMT_STORE, stmt_store },
	{ "workers", NULL, STMT_WORKERS, stmt_workers },
};

enum { NSTATEMENTS = sizeof(statements) / sizeof(statements[0]) };

static const struct statement *
find_statement(const struct token *tok)
{
	for (size_t i = 0; i < NSTATEMENTS; i++)
		if (tok->kind == TOKEN_WORD &&
		    strcmp(statements[i].word, tok->text) == 0)
			return &statements[i];
	return NULL;
}

static bool
at_line_end(struct parser *p)
{
	if (p->lex.tok.kind == TOKEN_NEWLINE)
		return true;
	if (p->lex.tok.kind == TOKEN_END)
		return parser_fail(p, "the last line has no newline");
	return parser_expected(p, "the end of the line");
}

/* The word at the start of a line that is neither a statement nor a macro. */
static bool
fail_directive(struct parser *p, const struct place *at, const char *word)
{
	const char *words[NSTATEMENTS];

	if (p->lex.tok.kind == TOKEN_BAD)
		return false;
	for (size_t i = 0; i < NSTATEMENTS; i++)
		words[i] = statements[i].word;
	return fail_unknown(
	    p, at, "directive", word, suggest_word(word, words, NSTATEMENTS));
}

static struct bytes
bytes_of(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

/* What is behind the name of a macro; the = is at hand. */
static bool
parse_value(struct parser *p, const char *name)
{
	const char *value;

	lex_next(&p->lex);
	if (!item_string(p, "the value of the macro", &value) ||
	    !at_line_end(p))
		return false;
	p->nomem |= macro_define(&p->ast->macros, bytes_of(name),
			bytes_of(value), false) != 0;
	return !p->nomem;
}

/* NAME = VALUE. It counts from the next line on. */
static bool
parse_macro(struct parser *p)
{
	const struct token *tok = &p->lex.tok;
	struct place at = tok->at;
	bool quoted = tok->kind == TOKEN_STRING;
	const char *name;

	if (tok->kind == TOKEN_WORD && lex_is_keyword(tok->text))
		return parser_fail(
		    p, "\"%s\" does not begin a statement", tok->text);
	if (tok->kind != TOKEN_WORD && tok->kind != TOKEN_STRING)
		return parser_expected(p, "a directive or a macro");
	name = arena_strndup(&p->ast->arena, tok->text, tok->len);
	if (name == NULL) {
		p->nomem = true;
		return false;
	}
	lex_next(&p->lex);
	if (!at_char(p, '=') && quoted)
		return parser_expected(p, "= behind the name of a macro");
	if (!at_char(p, '='))
		return fail_directive(p, &at, name);
	return parse_value(p, name);
}

static bool
parse_statement(struct parser *p, const struct statement *s)
{
	struct stmt *stmt = ast_new(p->ast, s->kind, p->lex.tok.at);

	if (stmt == NULL) {
		p->nomem = true;
		return false;
	}
	lex_next(&p->lex);
	/* Words that came later may name macros of older configurations. */
	if (at_char(p, '=') && !lex_is_keyword(s->word))
		return parse_value(p, s->word);
	if (s->then != NULL && !item_word(p, s->then))
		return false;
	if (!s->parse(p, stmt) || !at_line_end(p))
		return false;
	ast_append(p->ast, stmt);
	return true;
}

static void
parse_line(struct parser *p)
{
	const struct statement *s = find_statement(&p->lex.tok);
	bool good = s != NULL ? parse_statement(p, s) : parse_macro(p);

	while (!good && p->lex.tok.kind != TOKEN_NEWLINE &&
	       p->lex.tok.kind != TOKEN_END)
		lex_next(&p->lex);
}

int
parse_config(struct ast *ast, const struct source *src, struct diag_sink *sink)
{
	struct parser p = { .ast = ast, .sink = sink };
	unsigned before = sink->count;

	lex_init(&p.lex, src, &ast->macros, sink);
	do {
		lex_next(&p.lex);
		if (p.lex.tok.kind != TOKEN_NEWLINE &&
		    p.lex.tok.kind != TOKEN_END)
			parse_line(&p);
	} while (p.lex.tok.kind != TOKEN_END && !p.nomem &&
		 sink->count - before < PARSE_ERRORS_MAX);
	if (p.nomem)
		return FLOWD_ENOMEM;
	return sink->count == before ? 0 : FLOWD_EINVAL;
}
