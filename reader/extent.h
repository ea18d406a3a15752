/*
 * The least and the greatest value of a column of a columnar log, by the heads
 * of its blocks; for --info.
 *
 * Called by check.c. Test: test/program/test_reader_v4.py.
 */
#ifndef FLOWD_READER_EXTENT_H
#define FLOWD_READER_EXTENT_H

#include "block.h"

struct extent {
	bool some, some4, some6; /* there are integers, addresses */
	uint64_t min, max;
	uint32_t min4, max4;
	struct addr6 min6, max6;
};

/* Take in those of an entry of a known column. */
void extent_add(struct extent *e, const struct block_column *c);
/*
 * Append " LEAST to GREATEST", or nothing. Of addresses of both families, IPv6
 * has a line of its own, which begins with so many blanks as indent says.
 */
void extent_put(
    const struct extent *e, unsigned type, int indent, struct buf *out);

#endif
