/*
 * Lines "logdir" and "logfile": a path and clauses, a row of a table each.
 * See logdir_line.h and clause.h.
 * Test: test/unit/config/test_logdir.c.
 */
#include <string.h>

#include "clause.h"
#include "num.h"
#include "quantity.h"

/* A forgotten unit must not delete the whole log. */
enum { MAX_LEAST = 1000000 };

static const uint64_t ms_ns = 1000000, sec_ns = 1000000000;

/*
 * The time spans that a clause takes: 1 to max whole units; text is for
 * messages.
 */
struct spans {
	uint64_t unit_ns;
	uint32_t max;
	const char *text;
};

static bool
item_span(struct parser *p, const struct spans *spans, uint32_t *n)
{
	const struct token *tok = &p->lex.tok;
	uint64_t ns;

	if (tok->kind != TOKEN_WORD && tok->kind != TOKEN_STRING)
		return parser_expected(p, "a span of time");
	if (quantity_span(tok->text, sec_ns, &ns) != 0)
		return parser_fail(
		    p, "\"%.64s\" is not a span of time, 1h30m say", tok->text);
	if (ns % spans->unit_ns != 0 || ns == 0 ||
	    ns / spans->unit_ns > spans->max)
		return parser_expected(p, spans->text);
	*n = (uint32_t)(ns / spans->unit_ns);
	parser_next(p);
	return true;
}

/* The level after zstd, if there is one. */
static bool
item_level(struct parser *p, uint32_t *level)
{
	uint64_t number;

	if (p->lex.tok.kind == TOKEN_WORD && p->lex.tok.text[0] >= '0' &&
	    p->lex.tok.text[0] <= '9')
		return parser_expected(p, "\"level\" in front of a level");
	if (!at_word(p, "level"))
		return true;
	parser_next(p);
	if (p->lex.tok.kind != TOKEN_WORD ||
	    num_parse(p->lex.tok.text, LOGDIR_LEVEL_MAX, &number) != 0 ||
	    number == 0)
		return parser_expected(p, "a level from 1 to 19");
	*level = (uint32_t)number;
	parser_next(p);
	return true;
}

static bool
clause_compress(struct parser *p, struct stmt *stmt)
{
	for (unsigned i = 1; i <= LOGDIR_COMPRESS_ZSTD; i++)
		if (at_word(p, logdir_compress_words[i])) {
			stmt->logdir->compress = (enum logdir_compress)i;
			parser_next(p);
			return i != LOGDIR_COMPRESS_ZSTD ||
			    item_level(p, &stmt->logdir->level);
		}
	return parser_expected(p, "none, lz4 or zstd");
}

/* The longest delay is what a reader of the log may have to wait. */
static bool
clause_flush(struct parser *p, struct stmt *stmt)
{
	static const struct spans spans = { ms_ns, 3600000,
		"whole milliseconds from 1ms to 1h" };

	return item_span(p, &spans, &stmt->logdir->flush_ms);
}

static bool
clause_keep(struct parser *p, struct stmt *stmt)
{
	static const struct spans spans = { sec_ns, UINT32_C(36500) * 86400,
		"whole seconds from 1s to 36500d" };
	const char *text = p->lex.tok.text;

	if (p->lex.tok.kind == TOKEN_WORD && strchr(text, '%') != NULL)
		return parser_fail(p, "\"%.64s\" is not a span of time; did "
		    "you mean \"keep free %.64s\"?", text, text);
	return item_span(p, &spans, &stmt->logdir->keep_sec);
}

/* A whole percentage up to 99. */
static bool
item_percent(struct parser *p, uint32_t least, const char *what, uint32_t *n)
{
	const struct token *tok = &p->lex.tok;
	const char *t = tok->text;
	uint32_t v = 0;
	size_t i = 0;

	for (; i < 2 && t[i] >= '0' && t[i] <= '9'; i++)
		v = v * 10 + (uint32_t)(t[i] - '0');
	if ((tok->kind != TOKEN_WORD && tok->kind != TOKEN_STRING) ||
	    i == 0 || strcmp(t + i, "%") != 0 || v < least)
		return parser_expected(p, what);
	*n = v;
	parser_next(p);
	return true;
}

static bool
clause_keep_free(struct parser *p, struct stmt *stmt)
{
	if (!item_percent(p, 1, "a part of the file system from 1% to 99%",
		&stmt->logdir->keep_free))
		return false;
	if (!at_word(p, "down"))
		return true;
	parser_next(p);
	stmt->logdir->has_least = true;
	return item_word(p, "to") &&
	    item_percent(p, 0, "a part of the file system from 0% to 99%",
		&stmt->logdir->keep_least);
}

static bool
clause_max(struct parser *p, struct stmt *stmt)
{
	const struct token *tok = &p->lex.tok;

	if (tok->kind != TOKEN_WORD && tok->kind != TOKEN_STRING)
		return parser_expected(p, "a size");
	if (quantity_count(tok->text, &stmt->logdir->max_octets) != 0)
		return parser_fail(p, "\"%.64s\" is not a size, 200G say",
		    tok->text);
	if (stmt->logdir->max_octets < MAX_LEAST)
		return parser_expected(p, "a size of 1M or more, 200G say");
	parser_next(p);
	return true;
}

/* The owner may read and write; group and others may read or have no access. */
static bool
clause_mode(struct parser *p, struct stmt *stmt)
{
	const struct token *tok = &p->lex.tok;
	const char *t = tok->text;

	if (tok->kind != TOKEN_WORD || strlen(t) != 4 ||
	    strncmp(t, "06", 2) != 0 || (t[2] != '0' && t[2] != '4') ||
	    (t[3] != '0' && t[3] != t[2]))
		return parser_expected(p, "0600, 0640 or 0644");
	stmt->logdir->mode = 0600 | (uint32_t)(t[2] - '0') << 3 |
	    (uint32_t)(t[3] - '0');
	parser_next(p);
	return true;
}

static bool
clause_group(struct parser *p, struct stmt *stmt)
{
	return item_text(p, "the name of a group", &stmt->logdir->group);
}

static bool
clause_name(struct parser *p, struct stmt *stmt)
{
	return item_log_name(p, &stmt->logdir->name);
}

/* Reads strings up to a token that is none, so that clauses may follow. */
static bool
clause_on_rotate(struct parser *p, struct stmt *stmt)
{
	const char **argv;
	size_t n = 0;

	argv = parser_alloc(p, (LOGDIR_ARGS_MAX + 1) * sizeof(*argv));
	if (argv == NULL)
		return false;
	while (p->lex.tok.kind == TOKEN_STRING) {
		if (n == LOGDIR_ARGS_MAX)
			return parser_fail(p, "more than %d arguments",
			    LOGDIR_ARGS_MAX - 1);
		if (!item_text(p, "an argument", &argv[n]))
			return false;
		n++;
	}
	if (n == 0 || argv[0][0] == '\0')
		return parser_expected(p, "the path of a command in quotes");
	stmt->logdir->on_rotate = argv;
	return true;
}

static bool
clause_rotate(struct parser *p, struct stmt *stmt)
{
	static const struct spans spans = { sec_ns, 31 * 86400,
		"whole seconds from 1s to 31d" };

	return item_span(p, &spans, &stmt->logdir->rotate_sec);
}

static const struct clause logdir_clauses[] = {
	{ "compress", NULL, clause_compress },
	{ "flush", NULL, clause_flush },
	{ "group", NULL, clause_group },
	{ "keep", "free", clause_keep_free },
	{ "keep", NULL, clause_keep },
	{ "max", NULL, clause_max },
	{ "mode", NULL, clause_mode },
	{ "name", NULL, clause_name },
	{ "on", "rotate", clause_on_rotate },
	{ "rotate", NULL, clause_rotate },
	{ NULL, NULL, NULL },
};

static const struct clause logfile_clauses[] = {
	{ "group", NULL, clause_group },
	{ "max", NULL, clause_max },
	{ "mode", NULL, clause_mode },
	{ NULL, NULL, NULL },
};

bool
logdir_parse(struct parser *p, struct stmt *stmt)
{
	stmt->logdir = parser_alloc(p, sizeof(*stmt->logdir));
	return stmt->logdir != NULL &&
	    item_text(p, "the path of a directory in quotes",
		&stmt->logdir->path) &&
	    clauses_parse(p, logdir_clauses, stmt);
}

/* The path may be several words, as it could before there were clauses. */
bool
logfile_parse(struct parser *p, struct stmt *stmt)
{
	static const char *const words[] = { "group", "max", "mode", NULL };

	stmt->logdir = parser_alloc(p, sizeof(*stmt->logdir));
	return stmt->logdir != NULL &&
	    item_string_until(p, "the path of a file in quotes", words,
		&stmt->logdir->path) &&
	    clauses_parse(p, logfile_clauses, stmt);
}
