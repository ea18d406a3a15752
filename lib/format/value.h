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

/* True when JSON wants the value in quotes: addresses, MACs, times. */
bool value_is_text(unsigned col);

/* Write the value that the row has; not for the column "other". */
char *value_put(char *p, const struct batch *batch, unsigned col, size_t row,
    struct clock *clock);

/*
 * Append a list of other elements (other.h) as a JSON object. The bytes of
 * the values are untrusted: text is checked to be UTF-8 and escaped, what has
 * not the length of its type is hexadecimal.
 */
void other_put(struct buf *out, struct bytes list, struct formatter *f);

#endif
