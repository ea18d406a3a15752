/*
 * Clauses: what follows the first words of a statement in any order, each once,
 * as in "listen on ... bufsize 64k" and "logdir ... keep 30d".
 *
 * Test: test/unit/config/test_parse.c, test_logdir.c.
 */
#ifndef FLOWD_CLAUSE_H
#define FLOWD_CLAUSE_H

#include "config_parser.h"

enum {
	CLAUSES_MAX = 32 /* rows of a table */
};

/* A clause: one or two words, and the function that reads the rest. */
struct clause {
	const char *word; /* rows with the same word are adjacent */
	const char *then; /* NULL: it is one word */
	bool (*parse)(struct parser *p, struct stmt *stmt);
};

/*
 * Parse the clauses up to the end of the line into stmt. The table ends with a
 * row without a word. False after an error, such as a word that is no clause.
 */
bool clauses_parse(
    struct parser *p, const struct clause *clauses, struct stmt *stmt);

#endif
