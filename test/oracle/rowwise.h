/*
 * The slow twin of plan_compile() and plan_run(): decodes a data set record
 * by record and field by field, checks every length as it goes, and decides
 * anew for every record which field fills which column.
 *
 * It shares the registry of elements with the fast path and nothing else.
 * Used by test/unit/decode/test_plan.c and bench/bench_decode.c.
 */
#ifndef FLOWD_ROWWISE_H
#define FLOWD_ROWWISE_H

#include "batch.h"
#include "plan.h"

/*
 * Append the records of set to batch, as many as it has room for. Returns
 * true when the set ended well, false when a record runs past its end.
 */
bool rowwise_decode(const struct field *fields, size_t nfields,
    struct bytes set, int64_t export_ns, struct batch *batch);

#endif
