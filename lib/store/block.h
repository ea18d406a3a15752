/*
 * Blocks of a columnar log (version 4): up to 65,536 rows, column by column,
 * with all that is needed to read them; see flowd-log(5).
 *
 * A block is written by gathering rows of batches and then encoding them all.
 * It is read by looking at its head, which says what the columns hold, opening
 * the columns that are wanted, and then filling batches with runs of rows.
 *
 * Called by the daemon (writing), the tools, and segment.c.
 * Tests: test/unit/store/test_block.c; fuzz: fuzz/fuzz_v4.c.
 */
#ifndef FLOWD_BLOCK_H
#define FLOWD_BLOCK_H

#include "batch.h"
#include "buf.h"
#include "other_filter.h"
#include "piece.h"
#include "result.h"

enum {
	BLOCK_ROWS = 65536,
	BLOCK_MAGIC = 8,		/* octets of the magic */
	BLOCK_HEAD = 44,		/* octets of the head in front of the
					 * entries of the columns */
	BLOCK_SUM = 8,			/* octets of a checksum */
	BLOCK_HEAD_MAX = 64 * 1024,
	BLOCK_DATA_MAX = 256 * 1024 * 1024,
	BLOCK_OCTETS_MAX = 32 * 1024 * 1024, /* of all values of variable
					      * length */
	BLOCK_MEMORY_MAX = 256 * 1024 * 1024, /* that reading one takes */
	BLOCK_COLUMNS = 192,		/* entries in a head, at most */
	BLOCK_MAX = 64 * 1024 * 1024	/* of those that are written */
};

/* The first octets of a block, and so of a version 4 log. */
extern const uint8_t block_magic[BLOCK_MAGIC];

enum block_kind {
	BLOCK_FLOWS = 1,
	BLOCK_INDEX = 2		/* see segment.h */
};

enum block_flags {
	BLOCK_FROM_LOG = 1 << 0	/* batch->from_log of its rows */
};

enum entry_flags {
	ENTRY_DATA = 1 << 0,	/* there are octets for it in the block */
	ENTRY_GAPS = 1 << 1,	/* some rows have no value */
	ENTRY_CONSTANT = 1 << 2, /* all values are the same */
	ENTRY_V4 = 1 << 3,	/* addresses: some are of this family */
	ENTRY_V6 = 1 << 4
};

/* A column, or a table that columns use, as the head describes it. */
struct block_column {
	int col;		/* enum column_index, or -1: not known here */
	uint16_t id;
	uint8_t type;		/* enum column_type */
	uint8_t flags;
	uint32_t n;		/* of a table: integers */
	struct bytes data;
	uint64_t sum;
	uint64_t min, max;	/* of integers and times */
	uint32_t min4, max4;
	struct addr6 min6, max6;
};

struct block {
	uint8_t kind;
	uint8_t flags;
	uint8_t compression;	/* enum compression of its writer */
	uint32_t nrows;
	int64_t min_ns, max_ns;	/* of the times of its flows; see below */
	struct bytes all;
	struct bytes data;
	size_t ncolumns;
	struct block_column column[BLOCK_COLUMNS];
};

/*
 * The time of a flow, by which logs are searched: when it was received; if
 * that is not known, when it ended, began, happened, or was exported. False
 * when the row has none of these.
 */
bool block_time(const struct batch *batch, size_t row, int64_t *ns);
/* The columns that it is taken from. */
struct colset block_time_columns(void);

/*
 * Read the head of the block that in begins with. The octets of the columns
 * are not looked at. Returns 0 and fills b, which borrows from in; FLOWD_EOF
 * when in ends within the block, FLOWD_ECHECKSUM, FLOWD_EVERSION for a newer
 * kind of block, else FLOWD_EFORMAT. A block whose head is good but whose data
 * are cut has b->all.len set to what it should be.
 */
int block_parse(struct bytes in, struct block *b, struct flowd_error *err);

/* A block is too large for the stack. NULL when out of memory. */
struct block *block_new(void);
void block_free(struct block *b);

/* The entry of a column of this build, or NULL. */
const struct block_column *block_column(const struct block *b, unsigned col);

/* That all its octets are what was written: 0 or FLOWD_ECHECKSUM. */
int block_verify(const struct block *b, struct flowd_error *err);

/*
 * --- Writing ---
 *
 * A writer takes some 9 MB with flows of version 5, and 12 MB with IPv6, which
 * it keeps from block to block: the columns that are not constant and follow
 * from no other, a pool of addresses, and what one column takes to encode. It
 * is bounded by BLOCK_ROWS values of every column and GATHER_OCTETS of those of
 * variable length. The block itself is made in the caller's buffer.
 */

struct block_writer;

struct block_options {
	enum compression compression;
	int level;	/* of zstd; 0: what suits a hot path */
	size_t rows;	/* of a block; 0: BLOCK_ROWS */
	uint64_t seed;	/* what senders cannot know */
	/* What is kept of a row; both are copied, NULL is all. */
	const struct colset *columns;
	const struct other_filter *elements; /* of the column "other" */
};

/* NULL when out of memory. */
struct block_writer *block_writer_new(const struct block_options *options);
void block_writer_free(struct block_writer *w);

/*
 * Gather the selected rows of the batch from row on. Returns the row to go on
 * with, after block_writer_finish(), when the block is full; batch->nrows when
 * all rows are in.
 */
size_t block_writer_add(struct block_writer *w, const struct batch *batch,
    size_t row);
/* Rows that are gathered. */
size_t block_writer_rows(const struct block_writer *w);
/*
 * Append the block to out, and forget its rows; without rows nothing is
 * appended. Returns the number of rows, or FLOWD_ENOMEM: then out holds what
 * it held, and the rows are lost.
 */
int block_writer_finish(struct block_writer *w, struct buf *out);

/* --- Reading --- */

struct block_reader;

struct block_reader *block_reader_new(void);
void block_reader_free(struct block_reader *r);

/*
 * Begin to read a block, which stays borrowed until the next. Nothing is
 * decompressed yet.
 */
void block_reader_begin(struct block_reader *r, const struct block *b);

/*
 * Open columns, and those they are made from: verify their checksums,
 * decompress them, and prove that every value can be had. Those that are open
 * stay so. What this takes is bounded by BLOCK_MEMORY_MAX, whatever the block
 * says. Returns 0, or a negative FLOWD_E* with the reason: then the block
 * gives no more rows.
 */
int block_reader_open(struct block_reader *r, struct colset cols,
    struct flowd_error *err);

/*
 * Call fn for every address that some row has as source or destination, and
 * for some others. Returns 0 or a negative FLOWD_E*, as above.
 */
int block_reader_addresses(struct block_reader *r,
    void (*fn)(void *arg, const struct addr *a), void *arg,
    struct flowd_error *err);
/*
 * Is the address in no row as source or destination? False when it is not
 * known, or the block is damaged.
 */
bool block_reader_lacks(struct block_reader *r, const struct addr *a);
/*
 * Is the address in none of the n rows from first on, which there are, in this
 * column? False when the column is not open, or it is not known.
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

#endif
