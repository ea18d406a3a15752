/*
 * What other files of lib/api see of a scan of the public header.
 *
 * Called by arrow_stream.c, flowd_query.c. Test: test/unit/api/test_scan.c,
 * test_query.c.
 */
#ifndef FLOWD_FLOWD_SCAN_H
#define FLOWD_FLOWD_SCAN_H

#include "column_list.h"
#include "flowd/scan.h"
#include "scan.h"

/* The columns of its batches. */
const struct column_list *flowd_scan_columns(const struct flowd_scan *s);

/*
 * A scan for an owner, which says to its plan which columns are read. Its flows
 * are read by flowd_scan_run_for() only. NULL with err set.
 */
struct flowd_scan *flowd_scan_open_for(
    const struct flowd_scan_options *options,
    void (*want)(const void *owner, struct scan_plan *plan),
    const void *owner, struct flowd_error *err);
/*
 * Hand all its flows to a consumer. Returns as scan_run(); or FLOWD_EINVAL when
 * the scan is another owner's, or was read before.
 */
int flowd_scan_run_for(struct flowd_scan *s, const void *owner,
    const struct scan_consumer *consumer, void *arg, struct flowd_error *err);

#endif
