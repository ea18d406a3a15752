/*
 * Tests of groups on the command line: "octets>1M", "duration<=5s",
 * "distinct(dst_addr)>=100", "last<2026-11-23".
 *
 * Called by options.c. Test: test/unit/stats/test_having.c.
 */
#ifndef STATS_HAVING_H
#define STATS_HAVING_H

#include "aggregate.h"
#include "scan_options.h"

/*
 * Append a test to those of an output, and its measure to the measures if it is
 * not among them. Times are read as the options of the scan say. 0, or
 * FLOWD_EINVAL with err set.
 */
int having_parse(struct aggregate_output *o, const char *text,
    const struct scan_options *scan, struct flowd_error *err);

#endif
