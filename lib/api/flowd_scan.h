/*
 * What other files of lib/api see of a scan of the public header.
 *
 * Called by arrow_stream.c, flowd_query.c. Test: test/unit/api/test_scan.c.
 */
#ifndef FLOWD_FLOWD_SCAN_H
#define FLOWD_FLOWD_SCAN_H

#include "column_list.h"
#include "flowd/scan.h"

/* The columns of its batches. */
const struct column_list *flowd_scan_columns(const struct flowd_scan *s);

#endif
