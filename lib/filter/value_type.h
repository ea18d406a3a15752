/*
 * Types of values: how a number, name or time of a field is read from its text,
 * a row of a table each.
 *
 * Test: test/unit/config/test_parse.c, test/program/reader/test_expressions.py.
 */
#ifndef FLOWD_VALUE_TYPE_H
#define FLOWD_VALUE_TYPE_H

#include "datetime.h"
#include "parser.h"

/* The state while a value is read. */
struct value_context {
	struct parser *parser;
	enum value_kind op; /* in front of it; VALUE_RANGE: none is */
	const struct datetime *start; /* of the range that ends, or NULL */
	struct datetime time; /* what was read, of a time */
	bool skipped; /* a time that no clock showed was among them */
	bool inexact; /* one that is longer than a nanosecond was */
	struct flowd_error why; /* why it is invalid; "": no details */
};

/*
 * Reads a text: one number, the two ends of a time, or a name of ICMP. A time
 * that occurs twice has two values. Returns 0, FLOWD_EINVAL, FLOWD_ERANGE,
 * FLOWD_ENOMEM.
 */
typedef int (*value_read_fn)(
    struct value_context *c, const char *text, struct filter_value *v);

struct value_type {
	const char *what; /* for people */
	value_read_fn read;
	const char *(*suggest)(const char *text); /* NULL: nothing */
	bool is_signed; /* a sign may precede it; values are signed */
};

/* By field kind; for values in lists, ranges and comparisons. */
extern const struct value_type value_types[];

#endif
