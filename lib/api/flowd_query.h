/*
 * What other files of lib/api see of the groups of a query.
 *
 * Called by arrow_groups.c. Test: test/unit/api/test_query.c.
 */
#ifndef FLOWD_FLOWD_QUERY_H
#define FLOWD_FLOWD_QUERY_H

#include "aggregate.h"
#include "flowd/query.h"

struct flowd_groups {
	struct flowd_query *query; /* a reference */
	struct aggregate_result *result;
};

#endif
