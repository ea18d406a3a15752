/*
 * Values of columns and of other elements as text; for the JSON and CSV
 * outputs of this folder.
 */
#ifndef FLOWD_VALUE_H
#define FLOWD_VALUE_H

#include "format.h"

enum {
	VALUE_MAX = 64	/* octets of the longest value of a column */
};

/* Write the value that a row has, where VALUE_MAX octets have room. */
typedef char *value_put(char *p, const struct column *c, size_t row,
    struct clock *clock);

/* One column of a batch to print, with what need not be looked up a row. */
struct value_column {
	const uint64_t *valid;
	const struct column *column;
	value_put *put;		/* NULL for the column "other" */
	uint8_t index;		/* enum column_index */
	bool quoted;		/* in JSON: addresses, MACs, times */
};

/* The columns that the formatter shows, in its order. Returns how many. */
size_t formatter_columns(const struct formatter *f, uint8_t cols[COL_COUNT]);
/* The same, ready to print a batch, which must stay where it is. */
size_t value_columns(const struct formatter *f, const struct batch *batch,
    struct value_column cols[COL_COUNT]);

/*
 * Append a list of other elements (other.h) as a JSON object. The bytes of
 * the values are untrusted: text is checked to be UTF-8 and escaped, what has
 * not the length of its type is hexadecimal.
 */
void other_put(struct buf *out, struct bytes list, struct formatter *f);
/* Append one value of an element as JSON; type is an enum element_type. */
void other_value(struct buf *out, struct bytes value, uint8_t type,
    struct clock *clock);

#endif
