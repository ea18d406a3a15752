/* Clauses of statements; see clause.h. */
#include <string.h>

#include "clause.h"
#include "suggest.h"

static bool
clause_fail_unknown(
    struct parser *p, const struct clause *clauses, const struct stmt *stmt)
{
	const char *word = p->lex.tok.text, *of = stmt_name(stmt->kind), *near;
	size_t n = 0;

	while (clauses[n].word != NULL)
		n++;
	near = suggest_row(word, &clauses[0].word, sizeof(clauses[0]), n);
	if (near != NULL)
		return parser_fail(p,
		    "unknown clause \"%.64s\" of %s; did you mean \"%s\"?",
		    word, of, near);
	return parser_fail(p, "unknown clause \"%.64s\" of %s", word, of);
}

/* Reads the word or words of a clause. NULL after an error. */
static const struct clause *
clause_take(
    struct parser *p, const struct clause *clauses, const struct stmt *stmt)
{
	const struct clause *c = clauses, *first;

	while (c->word != NULL && !at_word(p, c->word))
		c++;
	if (c->word == NULL) {
		(void)clause_fail_unknown(p, clauses, stmt);
		return NULL;
	}
	parser_next(p);
	first = c;
	for (; c->word != NULL && strcmp(c->word, first->word) == 0; c++) {
		if (c->then == NULL)
			return c;
		if (!at_word(p, c->then))
			continue;
		parser_next(p);
		return c;
	}
	(void)item_word(p, first->then);
	return NULL;
}

static bool
clause_parse(struct parser *p, const struct clause *clauses, struct stmt *stmt,
    unsigned *seen)
{
	struct place at = p->lex.tok.at;
	const struct clause *c = clause_take(p, clauses, stmt);
	unsigned bit;

	if (c == NULL)
		return false;
	bit = 1u << (c - clauses);
	if (*seen & bit) {
		diag_report(p->sink, &at, "\"%s%s%s\" is given twice", c->word,
		    c->then != NULL ? " " : "", c->then != NULL ? c->then : "");
		return false;
	}
	*seen |= bit;
	return c->parse(p, stmt);
}

bool
clauses_parse(
    struct parser *p, const struct clause *clauses, struct stmt *stmt)
{
	unsigned seen = 0;

	/* The caller reports other tokens: it expects the end of the line. */
	while (p->lex.tok.kind == TOKEN_WORD)
		if (!clause_parse(p, clauses, stmt, &seen))
			return false;
	return true;
}
