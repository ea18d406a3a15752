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

/* Write the value of a row; there is room for VALUE_MAX octets. */
typedef char *value_put(char *p, const struct column *c, size_t row,
    struct clock *clock);

/* A column of a batch to print, looked up once for all rows. */
struct value_column {
	const uint64_t *valid;
	const struct column *column;
	value_put *put;		/* NULL for the column "other" */
	uint8_t index;		/* enum column_index */
	bool quoted;		/* quoted in JSON: addresses, MACs, times */
};

/* The columns that the formatter prints, in order. Returns how many. */
size_t formatter_columns(const struct formatter *f, uint8_t cols[COL_COUNT]);
/* The same for printing a batch, which must not move. */
size_t value_columns(const struct formatter *f, const struct batch *batch,
    struct value_column cols[COL_COUNT]);

/*
 * Append a list of other elements (other.h) as a JSON object. The octets of the
 * values are untrusted: text is checked to be UTF-8 and escaped; values of a
 * wrong length are hexadecimal.
 */
void other_put(struct buf *out, struct bytes list, struct formatter *f);
/* Append one value of an element as JSON; type is an enum element_type. */
void other_value(struct buf *out, struct bytes value, uint8_t type,
    struct clock *clock);

#endif
