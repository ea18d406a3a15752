/*
 * Flow times derived from uptimes, after the loads.
 *
 * decode.c calls it for the rows that plan_run() appended.
 * Test: test/unit/decode/test_flow_times.c.
 */
#ifndef FLOWD_FLOW_TIMES_H
#define FLOWD_FLOW_TIMES_H

#include "message.h"
#include "plan.h"

/* start_ns: when the exporter started, by options data; NULL: unknown. */
void flow_times_derive(const struct plan *plan, const struct message *m,
    const int64_t *start_ns, struct batch *batch, size_t first, size_t n);

#endif
