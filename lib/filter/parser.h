/*
 * Inside of the parser: its state, and what statements are made of.
 *
 * Functions that read an item take it from the tokens at hand and return
 * true, or report what is wrong with it and return false; the statement then
 * ends with false, too.
 * Shared by parse.c (statements), item.c (items), rule_parse.c, cond_parse.c,
 * term_parse.c, table_parse.c and logdir_parse.c.
 */
#ifndef FLOWD_PARSER_H
#define FLOWD_PARSER_H

#include "ast.h"
#include "datetime.h"
#include "lex.h"
#include "table.h"
#include "term.h"

enum {
	ITEM_TEXT_MAX = 2048 /* octets of a joined string and a 0 */
};

struct parser {
	struct lex lex;
	struct ast *ast;
	struct diag_sink *sink;
	const struct parser *includer; /* whose text includes this one */
	unsigned open; /* braces and parentheses: lines go on in them */
	bool expression; /* an expression alone: no lines at all */
	unsigned depth; /* of the condition at hand */
	unsigned nterms; /* of it */
	const char *scope; /* stmt.scope of the last address that was read */
	bool nomem; /* the arena is at its maximum */
};

/* The next token; newlines are none where lines go on. */
void parser_next(struct parser *p);
/* Memory in the arena of the ast; NULL, and noted, past its maximum. */
void *parser_alloc(struct parser *p, size_t size);

/* Report at the token at hand. Always false. */
bool parser_fail(struct parser *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Report that something else was expected than the token at hand. */
bool parser_expected(struct parser *p, const char *what);

/* Is the token at hand this word, unquoted? */
bool at_word(const struct parser *p, const char *word);
bool at_char(const struct parser *p, char c);

/* Read over this word. */
bool item_word(struct parser *p, const char *word);
/* One or more strings, joined by spaces; no keywords among them. */
bool item_string(struct parser *p, const char *what, const char **text);
/* The same, up to one of these words, or one like it, which ends it. */
bool item_string_until(struct parser *p, const char *what,
    const char *const *words, const char **text);
/* A word or string alone, as it is; no keyword. */
bool item_text(struct parser *p, const char *what, const char **text);
bool item_number(struct parser *p, uint32_t *number);
bool item_addr(struct parser *p, struct addr *addr);
/* ADDR:PORT */
bool item_endpoint(struct parser *p, struct endpoint *e);
/* ADDR or ADDR/LEN */
bool item_prefix(struct parser *p, struct prefix *prefix);
/* A prefix or a table, as a value. */
bool item_address(struct parser *p, struct value *v);
/* A number of octets, with a unit of 1024, 1024^2 or 1024^3: k, M, G */
bool item_size(struct parser *p, uint32_t *octets);
/* A word or string that is not empty and fits into size octets with its 0. */
bool item_name(struct parser *p, const char *what, char *name, size_t size);

/* A character that opens what may go on over lines, or closes it. */
bool item_open(struct parser *p, char c);
bool item_close(struct parser *p, char c, const struct place *opened);
/* <NAME> of a table that is defined already. */
bool item_table(struct parser *p, const struct table **table);

/*
 * What is behind "accept" or "discard", which stands at the place at, up to
 * the end of the line. NULL after an error has been reported.
 */
struct rule *rule_parse(struct parser *p, bool discard,
    const struct place *at);

/* The discarding rule of an expression. NULL after an error. */
struct rule *rule_of_expression(struct parser *p);

/* A text as statements, into p->ast: parse_config() and included files. */
int parser_run(struct parser *p, const struct source *src);
/* Read the files that an include names, in their order. */
bool include_parse(struct parser *p, const struct stmt *stmt);

/* A condition, up to what cannot belong to it. NULL after an error. */
struct cond *cond_parse(struct parser *p);

/*
 * The term at hand, with what stands in front of its value read: its subject
 * and side. False after an error.
 */
bool term_parse_values(struct parser *p, struct term *term);

/* A time, as flowd.conf(5) has them; a classic date among them. */
bool item_time(struct parser *p, struct datetime *d);
/* { PREFIX, ! PREFIX, <TABLE>, ... }, over lines. */
bool item_addresses(struct parser *p, struct value **values);
/* What is behind these, into stmt->logdir. False after an error. */
bool logdir_parse(struct parser *p, struct stmt *stmt);
bool logfile_parse(struct parser *p, struct stmt *stmt);
/* NAME or { NAME, ... }: logs, of which nothing is known yet. */
bool item_log_names(struct parser *p, struct log_name **names);
/* What is behind "table", into stmt->table. False after an error. */
bool table_parse(struct parser *p, struct stmt *stmt);

/*
 * A number as C writes it: decimal, 0x hexadecimal, 0 octal.
 * Returns 0, FLOWD_EINVAL, or FLOWD_ERANGE past 32 bits.
 */
int number_parse(const char *text, uint32_t *number);

#endif
