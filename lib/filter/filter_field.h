/*
 * Fields of filters: what a term can test; a row of a table for each word.
 * Every column is a field, by its name.
 *
 * Test: test/unit/config/test_parse.c.
 */
#ifndef FLOWD_FILTER_FIELD_H
#define FLOWD_FILTER_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * How the values of a field are written; term_parse.c and cond_print.c have a
 * row for each kind.
 */
enum field_kind {
	FIELD_ADDRESS,
	FIELD_NUMBER,
	FIELD_HEX, /* a number that is printed in hexadecimal */
	FIELD_PORT, /* or the name of a service */
	FIELD_PROTOCOL, /* or its name */
	FIELD_ICMP_TYPE, /* or its name */
	FIELD_ICMP_CODE,
	FIELD_MAC,
	FIELD_TIME,
	FIELD_SPAN, /* nanoseconds; written in seconds */
	FIELD_MS, /* milliseconds */
	FIELD_FAMILY, /* lo: enum addr_family */
	FIELD_TCP_FLAGS, /* mask lo, equals hi; or a number */
	FIELD_FLAGS, /* the same by letters */
	FIELD_DAYS, /* lo: a bit a weekday, Sunday is bit 0 */
	FIELD_CLOCK, /* seconds of the day, both ends included */
	FIELD_DATE, /* seconds since 1970, ends not included */
	FIELD_HAS /* lo: the column that must have a value */
};

/*
 * The order in which the clauses of a classic rule are printed: one that the
 * first flowd understood.
 */
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
	ORDER_NONE /* not a classic clause */
};

struct filter_field {
	/* NULL: addresses and ports, which have a direction */
	const char *word;
	enum field_kind kind;
	enum classic_order order; /* of the source, if it has two directions */
	uint8_t col; /* enum column_index or enum derived_column */
	uint8_t dst_col; /* of the destination, or 0 */
	uint64_t min, max; /* of a number */
};

extern const struct filter_field filter_field_address; /* src, dst, host, net */
extern const struct filter_field filter_field_port;

/* The field of this word, or NULL. */
const struct filter_field *filter_field_find(const char *word);
/* The nearest known word, or NULL. */
const char *filter_field_suggest(const char *word);

#endif
