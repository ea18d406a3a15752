/*
 * Statements: one row of a table for each; see parse.h.
 * Test: test/unit/config/test_parse.c.
 */
#include <string.h>
#include <strings.h>

#include "clause.h"
#include "parse.h"
#include "store_field.h"
#include "suggest.h"

/* Reports an unknown word, with the nearest known one. Always false. */
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
	return item_string(p, "the path of a file in quotes", &stmt->text);
}

/* The daemon checks the name and the value. */
static bool
stmt_limit(struct parser *p, struct stmt *stmt)
{
	struct limit *l = &stmt->limit;

	return item_name(p, "the name of a limit", l->name, sizeof(l->name)) &&
	    item_name(p, "a number", l->value, sizeof(l->value));
}

static bool
stmt_user(struct parser *p, struct stmt *stmt)
{
	return item_string(p, "the name of a user", &stmt->text);
}

static bool
stmt_socket(struct parser *p, struct stmt *stmt)
{
	if (!item_string(p, "the path of a socket in quotes",
		&stmt->socket.path))
		return false;
	if (!at_word(p, "bufsize"))
		return true;
	parser_next(p);
	return item_size(p, &stmt->socket.bufsize);
}

/* A socket whose path is "none" is written in quotes. */
static bool
stmt_control(struct parser *p, struct stmt *stmt)
{
	if (at_word(p, "none")) {
		parser_next(p);
		return true;
	}
	if (!item_string(p, "the path of a socket in quotes, or none",
		&stmt->control.path))
		return false;
	if (!at_word(p, "group"))
		return true;
	parser_next(p);
	return item_string(p, "the name of a group", &stmt->control.group);
}

static bool
stmt_metrics(struct parser *p, struct stmt *stmt)
{
	return item_word(p, "on") && item_endpoint(p, &stmt->endpoint);
}

static bool
listen_bufsize(struct parser *p, struct stmt *stmt)
{
	return item_size(p, &stmt->endpoint.bufsize);
}

static bool
listen_iface(struct parser *p, struct stmt *stmt)
{
	return item_name(p, "the name of an interface", stmt->endpoint.iface,
	    sizeof(stmt->endpoint.iface));
}

static const struct clause listen_clauses[] = {
	{ "bufsize", NULL, listen_bufsize },
	{ "on", NULL, listen_iface },
	{ NULL, NULL, NULL },
};

static bool
stmt_listen(struct parser *p, struct stmt *stmt)
{
	return item_endpoint(p, &stmt->endpoint) &&
	    clauses_parse(p, listen_clauses, stmt);
}

static bool
stmt_source(struct parser *p, struct stmt *stmt)
{
	if (!at_word(p, "any"))
		return item_prefix(p, &stmt->source.prefix);
	stmt->source.any = true;
	parser_next(p);
	return true;
}

static bool
stmt_exporter(struct parser *p, struct stmt *stmt)
{
	struct place at;

	if (!item_prefix(p, &stmt->exporter.prefix) ||
	    !item_word(p, "sampling"))
		return false;
	at = p->lex.tok.at;
	if (!item_number(p, &stmt->exporter.sampling))
		return false;
	if (stmt->exporter.sampling >= 1)
		return true;
	diag_report(p->sink, &at,
	    "0 is no sampling rate; 1 says that nothing is left out");
	return false;
}

static bool
stmt_group(struct parser *p, struct stmt *stmt)
{
	struct multicast_group *g = &stmt->group;

	if (!item_addr(p, &g->addr))
		return false;
	if (!at_word(p, "on"))
		return true;
	parser_next(p);
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
stmt_backlog(struct parser *p, struct stmt *stmt)
{
	struct place at = p->lex.tok.at;

	if (!item_size(p, &stmt->number))
		return false;
	if (stmt->number >= BACKLOG_MIN)
		return true;
	diag_report(p->sink, &at, "%lu is less than %d, 4M",
	    (unsigned long)stmt->number, BACKLOG_MIN);
	return false;
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

/* The daemon checks the element. */
static bool
store_element(struct parser *p, struct store_choice *choice)
{
	parser_next(p);
	choice->column = -1;
	return item_text(p, "the name or number of an element",
	    &choice->element);
}

/* Keywords are valid here: "all" and "tag" are names of fields. */
static bool
stmt_store(struct parser *p, struct stmt *stmt)
{
	const struct token *tok = &p->lex.tok;
	struct store_choice *choice = &stmt->store;

	if (tok->kind != TOKEN_WORD && tok->kind != TOKEN_STRING)
		return parser_expected(p, "a field to store");
	if (at_word(p, "ie"))
		return store_element(p, choice);
	if (store_field_find(tok->text, &choice->classic, &choice->column)) {
		parser_next(p);
		return true;
	}
	return fail_unknown(p, &tok->at, "store field type", tok->text,
	    store_field_suggest(tok->text));
}

static bool
stmt_table(struct parser *p, struct stmt *stmt)
{
	stmt->table = prefix_table_parse(p);
	return stmt->table != NULL;
}

/* The files are read after the end of the line: see include_parse(). */
static bool
stmt_include(struct parser *p, struct stmt *stmt)
{
	return item_string(p, "the path of a file in quotes", &stmt->text);
}

/* A statement is one or two words, and the rest is read by its function. */
static const struct statement {
	const char *word;
	const char *then; /* NULL: it is one word */
	enum stmt_kind kind;
	bool (*parse)(struct parser *p, struct stmt *stmt);
} statements[] = {
	{ "accept", NULL, STMT_RULE, stmt_accept },
	{ "backlog", NULL, STMT_BACKLOG, stmt_backlog },
	{ "control", "socket", STMT_CONTROL, stmt_control },
	{ "discard", NULL, STMT_RULE, stmt_discard },
	{ "exporter", NULL, STMT_EXPORTER, stmt_exporter },
	{ "flow", "source", STMT_FLOW_SOURCE, stmt_source },
	{ "forward", "to", STMT_FORWARD, stmt_forward },
	{ "include", NULL, STMT_INCLUDE, stmt_include },
	{ "join", "group", STMT_JOIN_GROUP, stmt_group },
	{ "limit", NULL, STMT_LIMIT, stmt_limit },
	{ "listen", "on", STMT_LISTEN, stmt_listen },
	{ "logdir", NULL, STMT_LOGDIR, logdir_parse },
	{ "logfile", NULL, STMT_LOGFILE, logfile_parse },
	{ "logsock", NULL, STMT_LOGSOCK, stmt_socket },
	{ "metrics", "listen", STMT_METRICS, stmt_metrics },
	{ "pidfile", NULL, STMT_PIDFILE, stmt_path },
	{ "statefile", NULL, STMT_STATEFILE, stmt_path },
	{ "store", NULL, STMT_STORE, stmt_store },
	{ "table", NULL, STMT_TABLE, stmt_table },
	{ "user", NULL, STMT_USER, stmt_user },
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
	if (at_char(p, '/') || at_char(p, '-'))
		return parser_fail(p, "expected the end of the line, not '%c'; "
		    "quote text that has one in it",
		    p->lex.tok.text[0]);
	return parser_expected(p, "the end of the line");
}

static bool
parse_statement(struct config_parser *cp, const struct statement *s)
{
	struct parser *p = &cp->base;
	struct stmt *stmt = ast_new(cp->ast, s->kind, p->lex.tok.at);

	if (stmt == NULL) {
		p->nomem = true;
		return false;
	}
	parser_next(p);
	p->scope = NULL;
	if (s->then != NULL && !item_word(p, s->then))
		return false;
	if (!s->parse(p, stmt) || !at_line_end(p))
		return false;
	stmt->scope = p->scope;
	if (stmt->kind == STMT_INCLUDE)
		return include_parse(cp, stmt);
	ast_append(cp->ast, stmt);
	return true;
}

/* Names that packet filters and other collectors use for our directives. */
static const struct {
	const char *theirs, *ours;
} synonyms[] = {
	{ "allow", "accept" },
	{ "block", "discard" },
	{ "deny", "discard" },
	{ "drop", "discard" },
	{ "pass", "accept" },
	{ "permit", "accept" },
	{ "reject", "discard" },
};

/* The directive that may be meant, or NULL. */
static const char *
suggest_directive(const char *word)
{
	for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++)
		if (strcasecmp(synonyms[i].theirs, word) == 0)
			return synonyms[i].ours;
	for (size_t i = 0; i < NSTATEMENTS; i++)
		if (strcasecmp(statements[i].word, word) == 0)
			return statements[i].word;
	return suggest_row(
	    word, &statements[0].word, sizeof(statements[0]), NSTATEMENTS);
}

/* The word at the start of a line that is neither a statement nor a macro. */
static bool
fail_directive(struct parser *p, const struct place *at, const char *word)
{
	if (p->lex.tok.kind == TOKEN_BAD)
		return false;
	return fail_unknown(
	    p, at, "directive", word, suggest_directive(word));
}

static struct bytes
bytes_of(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

/* NAME = VALUE. The macro is valid from the next line on. */
static bool
parse_macro(struct parser *p)
{
	const struct token *tok = &p->lex.tok;
	struct place at = tok->at;
	bool quoted = tok->kind == TOKEN_STRING;
	const char *name, *value;

	if (tok->kind == TOKEN_WORD && lex_is_keyword(tok->text))
		return parser_fail(
		    p, "\"%s\" does not begin a statement", tok->text);
	if (tok->kind != TOKEN_WORD && tok->kind != TOKEN_STRING)
		return parser_expected(p, "a directive or a macro");
	if (!parser_copy_text(p, tok->text, tok->len, &name))
		return false;
	parser_next(p);
	if (!at_char(p, '=') && quoted)
		return parser_expected(p, "= behind the name of a macro");
	if (!at_char(p, '='))
		return fail_directive(p, &at, name);
	parser_next(p);
	if (!item_string(p, "the value of the macro", &value) ||
	    !at_line_end(p))
		return false;
	p->nomem |= macro_define(&p->filter->macros, bytes_of(name),
			bytes_of(value), false) != 0;
	return !p->nomem;
}

/* Does an old file use this newer keyword as the name of a macro? */
static bool
is_macro(struct parser *p, const struct statement *s)
{
	return !lex_is_keyword(s->word) && lex_follows(&p->lex, '=');
}

/*
 * Skips the rest of a line that has an error, and its continuation in braces;
 * stops at a word that begins a statement.
 */
static void
skip_line(struct parser *p)
{
	const struct token *tok = &p->lex.tok;
	bool line_begins = p->open > 0;

	while (tok->kind != TOKEN_END) {
		if (line_begins && find_statement(tok) != NULL)
			break;
		line_begins = tok->kind == TOKEN_NEWLINE;
		if (line_begins && p->open == 0)
			break;
		if (at_char(p, '{') || at_char(p, '('))
			p->open++;
		else if ((at_char(p, '}') || at_char(p, ')')) && p->open > 0)
			p->open--;
		lex_next(&p->lex);
	}
	p->open = 0;
}

static void
parse_line(struct config_parser *cp)
{
	struct parser *p = &cp->base;
	const struct statement *s = find_statement(&p->lex.tok);
	bool good = s != NULL && !is_macro(p, s) ? parse_statement(cp, s)
						 : parse_macro(p);

	if (!good)
		skip_line(p);
}

int
config_parser_run(struct config_parser *cp, const struct source *src)
{
	struct parser *p = &cp->base;
	unsigned before = p->sink->count;

	lex_init(&p->lex, src, &p->filter->macros, p->sink);
	parser_next(p);
	while (p->lex.tok.kind != TOKEN_END && !p->nomem &&
	    p->sink->count - before < PARSE_ERRORS_MAX) {
		if (p->lex.tok.kind == TOKEN_NEWLINE)
			parser_next(p);
		else
			parse_line(cp);
	}
	if (p->nomem)
		return FLOWD_ENOMEM;
	return p->sink->count == before ? 0 : FLOWD_EINVAL;
}

int
parse_config(struct ast *ast, const struct source *src, struct diag_sink *sink)
{
	struct config_parser cp = { .ast = ast,
		.base = { .filter = ast->filter, .sink = sink, .main = src } };
	int bad = config_parser_run(&cp, src);

	if (bad == FLOWD_ENOMEM)
		diag_report(sink, &cp.base.lex.tok.at, "too much: what stands "
		    "up to here takes %d MiB; lists and tables take less than "
		    "rules", FILTER_MAX / 1024 / 1024);
	return bad;
}

int
parse_config_rules(struct filter *filter, const struct source *src,
    struct diag_sink *sink, uint32_t *fields)
{
	struct ast ast;
	int bad;

	ast_init(&ast, filter);
	ast.may_include = true;
	bad = parse_config(&ast, src, sink);
	*fields = ast_classic_fields(&ast);
	return bad;
}
