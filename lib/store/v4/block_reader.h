/*
 * Reading blocks of a version 4 log: the columns that are wanted are opened,
 * and batches then filled with runs of rows. See flowd-log(5).
 *
 * Tests: test/unit/store/test_block.c, test_block_hostile.c; fuzz:
 * fuzz/fuzz_v4.c.
 */
#ifndef FLOWD_BLOCK_READER_H
#define FLOWD_BLOCK_READER_H

#include "batch.h"
#include "block_head.h"

struct block_reader;

struct block_reader *block_reader_new(void);
void block_reader_free(struct block_reader *r);

/*
 * Begin to read a block, which is borrowed until the next one. Nothing is
 * decompressed yet.
 */
void block_reader_begin(struct block_reader *r, const struct block *b);

/*
 * Open columns and those they are computed from: verify their checksums,
 * decompress them, and prove that every value can be computed. Open columns
 * stay open. Memory is bounded by BLOCK_MEMORY_MAX, whatever the block says.
 * Returns 0, or a negative FLOWD_E* with the reason: then no more rows of the
 * block can be read.
 */
int block_reader_open(struct block_reader *r, struct colset cols,
    struct flowd_error *err);

/*
 * Open columns, too, but those of which ranges can be tested without computing
 * the values only as far as that needs: these are returned in packed.
 */
int block_reader_open_packed(struct block_reader *r, struct colset cols,
    struct colset *packed, struct flowd_error *err);

/*
 * Call fn for every address that some row has as source or destination, and
 * for some others. Returns 0 or a negative FLOWD_E*, as above.
 */
int block_reader_addresses(struct block_reader *r,
    void (*fn)(void *arg, const struct addr *a), void *arg,
    struct flowd_error *err);
/* Is it certain that no row has the address as source or destination? */
bool block_reader_lacks(struct block_reader *r, const struct addr *a);
/*
 * Is it certain that none of the n existing rows from first on has the address
 * in this column? False when the column is not open.
 */
bool block_reader_run_lacks(struct block_reader *r, unsigned col, size_t first,
    size_t n, const struct addr *a);

/*
 * Append to the batch up to n of the rows from first on, as many as there are,
 * as there is room for in the batch and in its heap, and at most BATCH_ROWS,
 * with the values of the columns cols, all of which are open. At least one row
 * if there is one and n is not 0. batch->from_log is set. Returns how many.
 */
size_t block_reader_rows(struct block_reader *r, size_t first, size_t n,
    struct colset cols, struct batch *batch);
/*
 * Give the rows that the last call appended the values of more columns, which
 * are open. If one of them is of variable length it was open then, too, so
 * that there is room for it.
 */
void block_reader_more(struct block_reader *r, struct colset cols,
    struct batch *batch);

/*
 * Make packed columns those of the batch (batch.h), which has the rows of the
 * last call and no others. Tests are done for the whole block at once, and a
 * batch tests the same ranges as the first one of the block does: so damage is
 * found while the first batch of a block is tested.
 */
void block_reader_pack(
    struct block_reader *r, struct colset packed, struct batch *batch);
/* Have tests found damage? 0 or a negative FLOWD_E* as above. */
int block_reader_tested(const struct block_reader *r, struct flowd_error *err);

#endif
