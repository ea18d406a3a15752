/*
 * The state of a block reader; for block_reader_open.c, which proves that every
 * value can be read, and block_reader_rows.c, which then reads them.
 */
#ifndef FLOWD_BLOCK_READER_STATE_H
#define FLOWD_BLOCK_READER_STATE_H

#include "block_reader.h"
#include "int_stream.h"
#include "predictor.h"

enum open_state {
	OPEN_NOT,
	OPEN_BEGUN,	/* detects a column that depends on itself */
	OPEN_PACKED,	/* ranges can be tested, but it is not complete */
	OPEN_DONE
};

struct open_column {
	uint8_t state;
	bool on_demand;			/* see struct int_stream_source */
	bool plain;			/* PLAIN of integers */
	uint8_t layout;
	const struct block_column *entry;	/* NULL: the block has none */
	size_t n;			/* rows with a value */
	const uint64_t *valid;		/* NULL: all rows have one */
	const uint32_t *before;		/* values before each word of valid */
	struct int_stream stream; /* PLAIN of integers, RESIDUAL */
	const uint32_t *numbers;	/* PLAIN: of the addresses */
	const struct predictor *predictor;
	struct {
		unsigned key;
		const uint32_t *table;
		const uint32_t *miss_row, *miss_value;
		size_t nmisses;
	} lookup;
	struct {
		const uint8_t *ptr;
		const uint32_t *end;	/* of each value; OCTETS */
		size_t len;		/* of every value; TRANSPOSED */
	} octets;
};

enum {
	SOUGHT = 4	/* addresses whose numbers are cached */
};

/* An address that was asked for, and its number. */
struct sought {
	struct addr addr;
	enum { SOUGHT_ABSENT, SOUGHT_ONCE, SOUGHT_OFTEN } state;
	uint32_t number;
};

enum {
	TESTED = 8	/* tests of ranges whose rows are cached */
};

/* A test of a range, and in which rows of the block it holds. */
struct tested {
	unsigned col;
	uint64_t lo, hi;
	const uint64_t *rows;
};

struct block_reader {
	const struct block *b;
	struct decompressor *decompressor;
	struct scratch scratch;
	struct open_column col[COL_COUNT];
	/* The addresses of the block. */
	uint8_t addr_dictionary_state;
	size_t n4, naddrs;
	const uint32_t *addr4;
	const uint64_t *addr6_hi, *addr6_lo;
	bool table_given; /* the batch has the dictionary */
	/* The rows at hand. */
	size_t first, n, at;
	struct colset filled;
	struct sought sought[SOUGHT];
	unsigned nsought;	/* in this block so far */
	struct tested tested[TESTED];
	unsigned ntested;	/* in this block so far */
	bool damaged;		/* a test found damage, in this column */
	unsigned damaged_col;
	uint32_t u32[BATCH_ROWS];
	uint64_t u64[BATCH_ROWS];
};

/* Returns FLOWD_EFORMAT with a text that names the column. */
int block_reader_damaged(unsigned col, struct flowd_error *err);
/* For block_reader_range.c: opens a column as far as tests of ranges need. */
bool block_reader_open_ranges(struct block_reader *r, unsigned col);
/* Opens one wholly. */
bool block_reader_open_column(struct block_reader *r, unsigned col);

/* Values in front of a row. */
static inline size_t
open_rank(const struct open_column *c, size_t row)
{
	size_t word = row / 64;

	if (c->valid == NULL)
		return row;
	if (row % 64 == 0)
		return c->before[word];
	return c->before[word] + (size_t)__builtin_popcountll(
				     c->valid[word] & bitmap_low(row % 64));
}

#endif
