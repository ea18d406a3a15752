/*
 * The batch: some thousand flows as a struct of arrays. It is the one type
 * that crosses module borders: decoders and log readers append rows, the
 * filter selects and tags them, logs and outputs read them.
 *
 * Every column has an array of batch->cap values in host byte order and a
 * bitmap that says in which rows it has a value. A value whose bit is not set
 * is indeterminate and must not be read. Bits at and past nrows are zero, but
 * while a decoder appends (see batch_append()).
 *
 * Allocated once with all its arrays; nothing here allocates afterwards.
 * Tests: test/unit/batch/test_batch.c.
 */
#ifndef FLOWD_BATCH_H
#define FLOWD_BATCH_H

#include "addr.h"
#include "bitmap.h"
#include "columns.h"
#include "wire.h"

enum {
	BATCH_ROWS = 2048,		/* the usual capacity */
	BATCH_HEAP = 1024 * 1024 /* octets for values of variable length */
};

/* Place of a value of variable length in batch->heap. */
struct span {
	uint32_t off;
	uint32_t len;
};

/* Which array is meant is said by column_info[].type. */
struct column {
	uint64_t *valid;
	union {
		uint8_t *u8;
		uint16_t *u16;
		uint32_t *u32;		/* ADDR: the IPv4 addresses */
		uint64_t *u64;		/* MAC: 48 bits */
		int64_t *ns;		/* TIME */
		struct span *span;	/* BYTES */
	};
	struct addr6 *v6;		/* ADDR: the IPv6 addresses */
	uint64_t *is6;			/* ADDR: rows where v6 is meant */
};

/*
 * Addresses that rows have by their numbers: IPv4 first. Of a column in
 * batch->numbered, u32 has the number of each row, and v6 and is6 nothing.
 * Such columns come only from logs, and only to who asks for them.
 */
struct address_table {
	size_t n, n4;		/* all; those of IPv4 */
	const uint32_t *v4;
	const uint64_t *v6_hi, *v6_lo;
	uint64_t serial;	/* differs when the table is another one */
};

/*
 * Columns of integers with a value in every row, which are not in the batch
 * yet: the reader of a log tests ranges of them without computing the values.
 */
struct packed_columns {
	struct colset cols;
	/* Write to rows, a bitmap, in which rows lo <= value <= hi. */
	void (*range)(void *arg, unsigned col, uint64_t lo, uint64_t hi,
	    uint64_t *rows);
	void *arg;
};

struct batch {
	size_t nrows;
	size_t cap;
	bool from_log;		/* rows were read from a log of versions 2, 3:
				 * one without a CRC is written without */
	struct colset columns;	/* that have arrays */
	struct colset used;	/* columns that have a value in some row */
	struct colset unasked;	/* columns that readers of logs may leave out;
				 * stays when the batch is reset */
	struct colset number_asked; /* addresses of which a number will do;
				     * stays when the batch is reset */
	struct colset numbered;	/* columns that have numbers */
	struct address_table table; /* of the reader; until its next block */
	struct packed_columns packed; /* while a filter runs */
	struct column col[COL_COUNT];
	uint64_t *selected;	/* rows that a filter kept; all after append */
	uint8_t *heap;
	size_t heap_len;
	size_t heap_cap;
	void *memory;		/* everything above, in one piece */
};

/* Octets of a value, by enum column_type; of ADDR those of IPv4. */
extern const uint8_t batch_value_size[];

/* cap rows (a multiple of 64). NULL when out of memory. */
struct batch *batch_new(size_t cap);
/*
 * The same with arrays for these columns only. The others have no value in any
 * row and must not get one: such a batch is filled by batch_copy() alone.
 */
struct batch *batch_new_columns(size_t cap, struct colset columns);
void batch_free(struct batch *batch);
/* Forget all rows, keep the memory. */
void batch_reset(struct batch *batch);

/* Rows that can still be appended. */
static inline size_t
batch_room(const struct batch *batch)
{
	return batch->cap - batch->nrows;
}

/*
 * Append n rows without any value, all selected. The caller has made sure
 * that n <= batch_room(). Returns the number of the first one.
 */
static inline size_t
batch_append(struct batch *batch, size_t n)
{
	size_t first = batch->nrows;

	bitmap_set_range(batch->selected, first, n);
	batch->nrows += n;
	return first;
}

/* Say that the column has a value in the n rows from first on. */
static inline void
batch_mark(struct batch *batch, unsigned col, size_t first, size_t n)
{
	colset_add(&batch->used, col);
	bitmap_set_range(batch->col[col].valid, first, n);
}

/* The same for several columns at once. */
void batch_mark_columns(struct batch *batch, const uint8_t *cols, size_t ncols,
    size_t first, size_t n);

static inline bool
batch_has(const struct batch *batch, unsigned col, size_t row)
{
	return bitmap_test(batch->col[col].valid, row);
}

/* One value; 0 where the row has none, or the type is not an integer. */
uint64_t batch_uint(const struct batch *batch, unsigned col, size_t row);
/* Set one value of an integer, time or MAC column and mark it. */
void batch_set_uint(struct batch *batch, unsigned col, size_t row, uint64_t v);
/* One address; family ADDR_NONE where the row has none. Scope is not kept. */
struct addr batch_addr(const struct batch *batch, unsigned col, size_t row);
/* Set and mark one address; ADDR_NONE clears it. */
void batch_set_addr(struct batch *batch, unsigned col, size_t row,
    const struct addr *a);
/* One value of a BYTES column, borrowed until the batch is reset. */
struct bytes batch_bytes(const struct batch *batch, unsigned col, size_t row);

/*
 * n octets of the heap for a BYTES value, or NULL when they are not there:
 * then the batch is full and must be emptied first.
 */
uint8_t *batch_heap_take(struct batch *batch, size_t n);

/* Write one value to n rows of a column without marking them. */
void batch_spread_uint(struct batch *batch, unsigned col, size_t first,
    size_t n, uint64_t v);
/* Fill n rows of a column with one value and mark them. */
void batch_fill_uint(struct batch *batch, unsigned col, size_t first, size_t n,
    uint64_t v);
void batch_fill_addr(struct batch *batch, unsigned col, size_t first, size_t n,
    const struct addr *a);

#endif
