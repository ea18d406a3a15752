/*
 * How an index lies in its block; for segment_index.c and
 * segment_index_writer.c.
 */
#ifndef FLOWD_SEGMENT_INDEX_LAYOUT_H
#define FLOWD_SEGMENT_INDEX_LAYOUT_H

#include <stdint.h>

enum {
	INDEX_SUM = 8,
	INDEX_HEAD = 32,	/* checksum, covered, rows, blocks, group */
	INDEX_ENTRY = 32,
	INDEX_MAGIC = 8
};

/* The last octets of a sealed segment. */
extern const uint8_t segment_index_end[INDEX_MAGIC];

#endif
