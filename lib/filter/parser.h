/*
 * The state of the parser, and the items of rules.
 *
 * A function that reads an item consumes its tokens and returns true, or
 * reports an error and returns false; its caller then returns false, too.
 *
 * The statements of a configuration have more items:
 * lib/config/config_parser.h.
 */
#ifndef FLOWD_PARSER_H
#define FLOWD_PARSER_H

#include "datetime.h"
#include "filter.h"
#include "lex.h"

enum {
	ITEM_TEXT_MAX = 2048 /* octets of a joined string and a 0 */
};

struct parser {
	struct lex lex;
	struct filter *filter; /* rules and tables go here */
	struct diag_sink *sink;
	const struct source *main; /* the text that includes all others */
	/* open braces and parentheses, in which newlines are blanks */
	unsigned open;
	bool expression; /* a single expression: newlines are blanks */
	unsigned depth; /* nesting of the current condition */
	unsigned nterms; /* terms of the current condition */
	const char *scope; /* value.scope of the last address that was read */
	bool nomem; /* the arena is at its maximum */
};

/* Read the next token; skips newlines inside brackets. */
void parser_next(struct parser *p);
/*
 * Zeroed memory in the arena of the filter; NULL, with nomem set, past its
 * maximum.
 */
void *parser_alloc(struct parser *p, size_t size);

/* Report an error at the current token. Always false. */
bool parser_fail(struct parser *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Report what was expected instead of the current token. Always false. */
bool parser_expected(struct parser *p, const char *what);

/* Is the current token this word, unquoted? */
bool at_word(const struct parser *p, const char *word);
bool at_char(const struct parser *p, char c);
/* A quoted string, or a word that is not reserved? */
bool at_text(const struct parser *p);

/*
 * Copy a text into the arena, with a final 0. False, with nomem set, past its
 * maximum.
 */
bool parser_copy_text(
    struct parser *p, const char *text, size_t len, const char **copy);
/* Set p->scope to the interface in "[fe80::1%eth0]", if it is to be kept. */
void parser_note_scope(struct parser *p, const char *text);

/* Read this word. */
bool item_word(struct parser *p, const char *word);
bool item_number(struct parser *p, uint32_t *number);
/* ADDR or ADDR/LEN */
bool item_prefix(struct parser *p, struct prefix *prefix);
/* A prefix or a table, as a value. */
bool item_address(struct parser *p, struct filter_value *v);
/*
 * Read a word or string that is not empty and fits into size octets with its 0.
 */
bool item_name(struct parser *p, const char *what, char *name, size_t size);

/* Reads a bracket that opens or closes something that may span lines. */
bool item_open(struct parser *p, char c);
bool item_close(struct parser *p, char c, const struct place *opened);
/* Read the <NAME> of a table that is already defined. */
bool item_table(struct parser *p, const struct prefix_table **table);

/*
 * Parse what follows "accept" or "discard", whose place is at, up to the end of
 * the line. NULL after an error has been reported.
 */
struct rule *rule_parse(struct parser *p, bool discard,
    const struct place *at);

/* Parse an expression to its discarding rule. NULL after an error. */
struct rule *rule_of_expression(struct parser *p);

/*
 * Parse a condition up to a token that cannot belong to it. NULL after an
 * error.
 */
struct cond *cond_parse(struct parser *p);

/*
 * Parse the values of a term whose field and direction have been read. False
 * after an error.
 */
bool term_parse_values(struct parser *p, struct term *term);

/* Read a time as in flowd.conf(5), including classic dates. */
bool item_time(struct parser *p, struct datetime *d);
/* { PREFIX, ! PREFIX, <TABLE>, ... }, over lines. */
bool item_addresses(struct parser *p, struct filter_value **values);
/* Read NAME or { NAME, ... } of logs, which are not checked here. */
bool item_log_names(struct parser *p, struct log_name **names);
/* The name of a log: 1 to LOG_NAME_MAX octets. */
bool item_log_name(struct parser *p, const char **name);
/*
 * Parse what follows "table", and add the table to the filter. NULL after an
 * error.
 */
struct prefix_table *prefix_table_parse(struct parser *p);

/*
 * A number as C writes it: decimal, 0x hexadecimal, 0 octal.
 * Returns 0, FLOWD_EINVAL, or FLOWD_ERANGE past 32 bits.
 */
int number_parse(const char *text, uint32_t *number);

#endif
