/*
 * The value of a measure, by the states of a group.
 *
 * Used by result_rows.c, aggregate_result.c, aggregate_series.c. Test:
 * test/unit/aggregate/test_aggregate_result.c.
 */
#ifndef FLOWD_MEASURE_VALUE_H
#define FLOWD_MEASURE_VALUE_H

#include "aggregate_state.h"

/* Time spans are summed in microseconds, of which so many are told. */
#define SPAN_MAX_US ((uint64_t)INT64_MAX / 1000)

/* key is that of the group if it is of a bin, else NULL. */
void measure_value(const struct aggregate_group *g, unsigned measure,
    const uint64_t *state, const uint64_t *key, bool general,
    struct aggregate_value *v);

/* A number that is greater if the value is; 0 for none. */
uint64_t value_rank(const struct aggregate_value *v);

#endif
