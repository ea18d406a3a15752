/*
 * The order of keys, which is that of ORDER_BY_KEY: what has no value is first,
 * then integers, times and IPv4 addresses, then IPv6.
 *
 * Called by reports that join groups. Test: test/program/test_stats_reports.py.
 */
#ifndef STATS_KEY_ORDER_H
#define STATS_KEY_ORDER_H

#include "aggregate.h"

/* <0, 0, >0 */
int key_order_values(
    const struct aggregate_value *a, const struct aggregate_value *b);
/* Of the keys of two groups, but for their parts in front of first. */
int key_order_rows(const struct aggregate_result *a, size_t arow,
    const struct aggregate_result *b, size_t brow, unsigned first);

#endif
