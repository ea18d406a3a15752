/*
 * What is worked out after the loads: flow times from uptimes, and the
 * sampling interval that options data announced.
 *
 * Called by decode.c for the rows that plan_run() appended.
 * Test: test/unit/decode/test_finish.c.
 */
#ifndef FLOWD_FINISH_H
#define FLOWD_FINISH_H

#include "message.h"
#include "options.h"
#include "plan.h"

void finish_rows(const struct plan *plan, const struct message *m,
    const struct sampling *sampling, struct batch *batch, size_t first,
    size_t n);

#endif
