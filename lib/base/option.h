/*
 * The options of a command line, by a table: letters and words, with values or
 * without, in any order and among the operands.
 *
 *	-v -n    -vn    -f FILE    -fFILE    --file FILE    --file=FILE
 *
 * A word may be shortened to what no other begins with. Behind "--" there are
 * operands only; "-" is one.
 *
 * The table of a program is a file options.def, of which the completions of
 * shells are made, too (packaging/completion/complete.py).
 *
 * Test: test/unit/base/test_option.c.
 */
#ifndef FLOWD_OPTION_H
#define FLOWD_OPTION_H

#include <stddef.h>

#include "buf.h"
#include "result.h"

struct option_info {
	char letter; /* 0: none */
	const char *word; /* NULL: none */
	const char *value; /* name of its value; NULL: it has none */
	const char *help; /* NULL: it is not listed */
};

/* What option_next() returns, if not the number of an option in the table. */
enum {
	OPTION_END = -1,
	OPTION_OPERAND = -2, /* it is the value */
	OPTION_BAD = -3 /* err says why */
};

struct option_args {
	const struct option_info *table;
	size_t n;
	char **argv; /* what is left of it; ends in NULL */
	char *letters; /* what is left of "-abc" */
	bool operands; /* behind "--" */
	char *value; /* of the last option, or NULL */
	struct flowd_error err;
};

/* argv as main() has it: the first is the program. */
void option_begin(struct option_args *a, const struct option_info *table,
    size_t n, char **argv);
/* The next one of the command line. */
int option_next(struct option_args *a);

/* A line for each option that is listed. */
void option_help(
    const struct option_info *table, size_t n, struct buf *out);

#endif
