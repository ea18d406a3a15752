/*
 * Tests of groups, from their texts: "octets>1M", "duration<=5s",
 * "distinct(dst_addr)>=100", "last<2026-11-23".
 *
 * Called by lib/api and flowd-stats. Test:
 * test/unit/aggregate/test_having.c.
 */
#ifndef FLOWD_HAVING_H
#define FLOWD_HAVING_H

#include "aggregate.h"
#include "datetime.h"

/*
 * Append a test to those of an output, and its measure to the measures if it is
 * not among them. Times are read as view says. 0, or
 * FLOWD_EINVAL with err set.
 */
int having_parse(struct aggregate_output *o, const char *text,
    const struct datetime_view *view, struct flowd_error *err);

#endif
