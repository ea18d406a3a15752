/*
 * Rows of one batch behind those of another one, which has arrays for the
 * columns that are wanted.
 *
 * Called by lib/api, to gather the flows that pass a scan.
 * Test: test/unit/batch/test_batch_copy.c.
 */
#ifndef FLOWD_BATCH_COPY_H
#define FLOWD_BATCH_COPY_H

#include "batch.h"

/*
 * Append the rows of from that are selected, beginning with row, in the columns
 * that to has; what from has numbers of becomes addresses. Where a row has no
 * value there is a 0, or none of the octets, in to. Returns the row to continue
 * with when to is full or the batches differ in from_log, else from->nrows.
 */
size_t batch_copy(struct batch *to, const struct batch *from, size_t row);

#endif
