/*
 * How entries lie in the head of a block; for block.c and block_write.c.
 */
#ifndef FLOWD_BLOCK_HEAD_H
#define FLOWD_BLOCK_HEAD_H

#include "block.h"

enum {
	TABLE_FIRST = 0xff00,	/* ids from here on are tables */
	TABLE_ADDRESSES = TABLE_FIRST,
	TABLE_MAX = 2 * BLOCK_ROWS * 8,	/* integers of one */
	ENTRY_HEAD = 5,		/* id, length, type, flags */
	ENTRY_MAX = 255
};

/* How the values of a column are laid out in its data. */
enum layout {
	LAYOUT_PLAIN,		/* a stream */
	LAYOUT_RELATED,		/* what a relation leaves */
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

/* Write an entry at p, where ENTRY_MAX octets have room. Returns its length. */
size_t entry_put(uint8_t *p, const struct block_column *c);

uint64_t block_checksum(const void *data, size_t len);

#endif
