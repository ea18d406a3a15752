/*
 * Heads of blocks. A block of a version 4 log holds up to 65,536 rows column by
 * column; its head says what each column is and where its octets lie. See
 * flowd-log(5).
 *
 * Rows are written with block_writer.h and read with block_reader.h.
 * Tests: test/unit/store/test_block.c, test_block_hostile.c; fuzz:
 * fuzz/fuzz_v4.c.
 */
#ifndef FLOWD_BLOCK_HEAD_H
#define FLOWD_BLOCK_HEAD_H

#include "addr.h"
#include "columns.h"
#include "result.h"
#include "wire_le.h"

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
	BLOCK_MEMORY_MAX = 256 * 1024 * 1024, /* octets of memory to read one */
	BLOCK_COLUMNS = 192,		/* entries in a head, at most */
	BLOCK_MAX = 64 * 1024 * 1024	/* octets of a block that is written */
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
	ENTRY_DATA = 1 << 0,	/* it has data in the block */
	ENTRY_GAPS = 1 << 1,	/* some rows have no value */
	ENTRY_CONSTANT = 1 << 2, /* all values are the same */
	ENTRY_V4 = 1 << 3,	/* addresses: some are of this family */
	ENTRY_V6 = 1 << 4,
	ENTRY_TOTAL = 1 << 5	/* counters: their sum is known */
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
	uint64_t total;		/* with ENTRY_TOTAL: of all values */
	uint32_t min4, max4;
	struct addr6 min6, max6;
};

struct block {
	uint8_t kind;
	uint8_t flags;
	uint8_t compression;	/* enum compression of its writer */
	uint32_t nrows;
	int64_t min_ns, max_ns;	/* range of the times of its flows; see below */
	struct bytes all;
	struct bytes data;
	size_t ncolumns;
	struct block_column column[BLOCK_COLUMNS];
};

/*
 * Read the head of the block that in begins with. The octets of the columns are
 * not looked at. Returns 0 and fills b, which borrows from in; FLOWD_EOF when
 * in ends within the block, FLOWD_ECHECKSUM, FLOWD_EVERSION for a newer kind of
 * block, else FLOWD_EFORMAT. For a block with a valid head but truncated data,
 * b->all.len is its full length.
 */
int block_parse(struct bytes in, struct block *b, struct flowd_error *err);

/* A block is too large for the stack. NULL when out of memory. */
struct block *block_new(void);
void block_free(struct block *b);

/* The entry of a column of this build, or NULL. */
const struct block_column *block_column(const struct block *b, unsigned col);

/*
 * The sum of the values of a column of counters, if the head has it; also for a
 * constant or absent column. It is the writer's claim: only reading the column
 * proves it.
 */
bool block_total(const struct block *b, unsigned col, uint64_t *total);

/* Verify the checksums of all columns: 0 or FLOWD_ECHECKSUM. */
int block_verify(const struct block *b, struct flowd_error *err);

/* --- The layout of entries --- */

enum {
	BLOCK_TABLE_FIRST = 0xff00,	/* ids from here on are tables */
	BLOCK_TABLE_ADDRESSES = BLOCK_TABLE_FIRST,
	BLOCK_TABLE_MAX = 2 * BLOCK_ROWS * 8,	/* integers of one */
	BLOCK_ENTRY_HEAD = 5,		/* id, length, type, flags */
	BLOCK_ENTRY_MAX = 255
};

/* How the values of a column are laid out in its data. */
enum layout {
	LAYOUT_PLAIN,		/* a stream */
	LAYOUT_RESIDUAL,	/* a stream of residuals: predictor.h */
	LAYOUT_LOOKUP,		/* by the address in another column */
	LAYOUT_OCTETS,		/* lengths and octets */
	LAYOUT_TRANSPOSED	/* octets of values that are equally long */
};

/* Octets of a value in an entry; 0 for those of variable length. */
static inline size_t
entry_width(unsigned type)
{
	static const uint8_t width[] = { [COLUMN_U8] = 1, [COLUMN_U16] = 2,
		[COLUMN_U32] = 4, [COLUMN_U64] = 8, [COLUMN_TIME] = 8,
		[COLUMN_MAC] = 8 };

	return type < sizeof(width) ? width[type] : 0;
}

/*
 * Write an entry at p, where BLOCK_ENTRY_MAX octets have room. Returns its
 * length.
 */
size_t entry_put(uint8_t *p, const struct block_column *c);

uint64_t block_checksum(const void *data, size_t len);

#endif
