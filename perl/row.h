/*
 * Rows: flows as hashes with the names of columns as keys, those that have a
 * value. Times are nanoseconds since 1970-01-01 UTC, "other" is a hash.
 *
 * Tests: t/rows.t, t/write.t.
 */
#ifndef FLOWD_PERL_ROW_H
#define FLOWD_PERL_ROW_H

#include "addr_text.h"
#include "shape.h"

struct row_maker {
	struct shapes shapes;
	struct addr_texts addrs;
	const struct flowd_batch *batch; /* whose values these are */
	int column[SHAPE_KEYS_MAX];
	struct flowd_vector values[SHAPE_KEYS_MAX];
};

void row_maker_init(struct row_maker *m);
void row_maker_fini(pTHX_ struct row_maker *m);
/* The values of a new batch, whose columns are those of the first one. */
void row_maker_batch(
    pTHX_ struct row_maker *m, const struct flowd_batch *batch);
/* A reference to a new hash. */
SV *row_hash(pTHX_ struct row_maker *m, size_t row);

/*
 * Append such a hash to a batch of all columns that has room. Croaks, and
 * appends nothing, when a key is no column or a value is wrong.
 */
void row_append(pTHX_ SV *hash, struct flowd_batch *batch);

#endif
