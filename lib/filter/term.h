/*
 * Terms: the tests of a rule as written, "dst ! <lan>" or "octets > 1M"; and
 * conditions, which combine them with and, or, not.
 *
 * This form is printed, and interpreted by the slow twin in tests
 * (test/oracle/interpret.c). lower.c compiles it to expressions (expr.h). Made
 * by cond_parse.c and term_parse.c, printed by cond_print.c.
 */
#ifndef FLOWD_TERM_H
#define FLOWD_TERM_H

#include "buf.h"
#include "filter_value.h"
#include "source.h"
#include "filter_field.h"

enum side { SIDE_SRC, SIDE_DST, SIDE_EITHER };

struct term {
	const struct filter_field *field;
	struct place at;
	enum side side; /* of a field that has two columns */
	bool negate; /* "!" in front of the value */
	bool any; /* any address: no test */
	bool list; /* in braces */
	bool bare; /* tcp_flags with a number, "tcp" for "proto tcp" */
	bool behind; /* "port" behind the address of its side */
	bool after, before; /* times of the day, dates: which ends */
	struct filter_value *values; /* the first; there is one, but for any */
};

/* The letters of TCP flags in packet filters, the lowest bit first. */
extern const char term_flag_letters[];

enum cond_kind { COND_ALL, COND_TERM, COND_NOT, COND_AND, COND_OR };

struct cond {
	enum cond_kind kind;
	union {
		struct term *term;
		struct {
			struct cond *left, *right; /* right: not of COND_NOT */
		};
	};
};

/*
 * Print the canonical text of a term. counted: as the first flowd logged rules,
 * which differs for protocol 0.
 */
void term_print(const struct term *term, bool counted, struct buf *out);

/*
 * Print the canonical text of a condition, which parses to the same condition.
 * Terms of a classic rule are in classic order, separated by blanks; others are
 * joined by words.
 */
void cond_print(const struct cond *cond, bool counted, struct buf *out);

/*
 * Are there only classic clauses: no words, lists, tables, comparisons? The
 * checks of the first flowd apply to such a rule.
 */
bool cond_is_classic(const struct cond *cond);
bool term_is_classic(const struct term *term);

#endif
