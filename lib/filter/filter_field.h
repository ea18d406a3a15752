/*
 * Subjects: what a term can test; a row of a table for each word. Every column
 * is a subject, by its name.
 *
 * Test: test/unit/config/test_parse.c.
 */
#ifndef FLOWD_SUBJECT_H
#define FLOWD_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How its values are written; term_parse.c and cond_print.c have a row each. */
enum subject_kind {
	SUBJECT_ADDRESS,
	SUBJECT_NUMBER,
	SUBJECT_HEX, /* a number that is printed in hexadecimal */
	SUBJECT_PORT, /* or the name of a service */
	SUBJECT_PROTOCOL, /* or its name */
	SUBJECT_ICMP_TYPE, /* or its name */
	SUBJECT_ICMP_CODE,
	SUBJECT_MAC,
	SUBJECT_TIME,
	SUBJECT_SPAN, /* nanoseconds; written in seconds */
	SUBJECT_MS, /* milliseconds */
	SUBJECT_FAMILY, /* lo: enum addr_family */
	SUBJECT_TCP_FLAGS, /* mask lo, equals hi; or a number */
	SUBJECT_FLAGS, /* the same by letters */
	SUBJECT_DAYS, /* lo: a bit a weekday, Sunday is bit 0 */
	SUBJECT_CLOCK, /* seconds of the day, both ends included */
	SUBJECT_DATE, /* seconds since 1970, ends not included */
	SUBJECT_HAS /* lo: the column that must have a value */
};

/* The order in which clauses of a classic rule are printed. */
enum classic_order {
	ORDER_AGENT,
	ORDER_IN_IFNDX,
	ORDER_OUT_IFNDX,
	ORDER_FAMILY,
	ORDER_SRC,
	ORDER_SRC_PORT,
	ORDER_DST,
	ORDER_DST_PORT,
	ORDER_PROTO,
	ORDER_TOS,
	ORDER_TCP_FLAGS,
	ORDER_DAYS,
	ORDER_CLOCK,
	ORDER_DATE,
	ORDER_NONE /* the first flowd did not have it */
};

struct subject {
	const char *word; /* NULL: addresses and ports, which have a side */
	enum subject_kind kind;
	enum classic_order order; /* of its source side, if it has two */
	uint8_t col; /* enum column_index or enum derived_column */
	uint8_t dst_col; /* of the destination, or 0 */
	uint64_t min, max; /* of a number */
};

extern const struct subject subject_address; /* src, dst, host, net */
extern const struct subject subject_port;

/* The subject of this word, or NULL. */
const struct subject *subject_find(const char *word);
/* The nearest known word, or NULL. */
const char *subject_suggest(const char *word);

#endif
