/*
 * The minimum and the maximum of a column of a version 4 log, from the heads of
 * its blocks.
 *
 * Called by verify.c. Test: test/unit/query/test_verify.c.
 */
#ifndef FLOWD_VALUE_RANGE_H
#define FLOWD_VALUE_RANGE_H

#include "block_head.h"

struct value_range {
	/* there are integers, IPv4 and IPv6 addresses */
	bool some, some4, some6;
	uint64_t min, max;
	uint32_t min4, max4;
	struct addr6 min6, max6;
};

/* Extend the range by an entry of a known column. */
void value_range_add(struct value_range *e, const struct block_column *c);
#endif
