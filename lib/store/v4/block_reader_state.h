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
	OPEN_DONE
};

struct open_column {
	uint8_t state;
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
	uint32_t u32[BATCH_ROWS];
	uint64_t u64[BATCH_ROWS];
};

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
