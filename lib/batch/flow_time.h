/*
 * The time of a flow, by which logs are searched: when it was received; if
 * that is not known, when it ended, began, happened, or was exported.
 *
 * Test: test/unit/batch/test_flow_time.c.
 */
#ifndef FLOWD_FLOW_TIME_H
#define FLOWD_FLOW_TIME_H

#include "batch.h"

/* False when the row has none of these times. ns is since 1970. */
bool flow_time(const struct batch *batch, size_t row, int64_t *ns);
/* The columns that it is taken from. */
struct colset flow_time_columns(void);

#endif
