/*
 * The order of values, exactly: what has no value is first, then numbers, times
 * and IPv4 addresses, then IPv6 addresses. For keys it is the order of
 * ORDER_BY_KEY: names are in the order of the numbers that they stand for.
 *
 * Called by reports that sort or join groups.
 * Test: test/unit/stats/test_value_order.c.
 */
#ifndef STATS_VALUE_ORDER_H
#define STATS_VALUE_ORDER_H

#include "aggregate.h"

/* <0, 0, >0; both are of one kind, or have no value. */
int value_order(
    const struct aggregate_value *a, const struct aggregate_value *b);
/* Of the keys of two groups, from the part first on. */
int value_order_rows(const struct aggregate_result *a, size_t arow,
    const struct aggregate_result *b, size_t brow, unsigned first);

/*
 * The difference of two numbers of one kind: *by is how much, which is not
 * negative. Returns its sign: -1, 0 or 1.
 */
int value_change(const struct aggregate_value *now,
    const struct aggregate_value *before, struct aggregate_value *by);

#endif
