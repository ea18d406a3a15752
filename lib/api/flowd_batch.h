/*
 * The batch of the public header: one of lib/batch that has arrays for some
 * columns, and is counted by its references.
 *
 * Called by all of lib/api. Test: test/unit/api/test_batch.c.
 */
#ifndef FLOWD_FLOWD_BATCH_H
#define FLOWD_FLOWD_BATCH_H

#include <stdatomic.h>

#include "batch_copy.h"
#include "column_list.h"
#include "flowd/batch.h"
#include "flowd_column.h"

struct flowd_batch {
	struct batch *rows;
	atomic_uint references;
	struct column_list columns;
	int numbers[COL_COUNT]; /* of them: enum flowd_column */
};

/* rows: at most; 0: the usual number. NULL with err set. */
struct flowd_batch *flowd_batch_of(const struct column_list *columns,
    size_t rows, struct flowd_error *err);

/* Has somebody else a reference, too? */
bool flowd_batch_is_shared(const struct flowd_batch *b);

/* Set a row to 0: rows that were taken away have left their values. */
void flowd_batch_clear_values(struct flowd_batch *b, size_t row);

/*
 * Have an empty batch in *b, of these columns: the one that is there, if nobody
 * else has a reference, else a new one. 0, or a negative FLOWD_E*.
 */
int flowd_batch_renew(struct flowd_batch **b,
    const struct column_list *columns, size_t rows, struct flowd_error *err);

#endif
