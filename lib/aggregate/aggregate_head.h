/*
 * Groups by the head of a block alone: it says how many flows there are, the
 * least and the greatest value of each column, and the sums of counters. That
 * is enough when all flows of the block are of one group.
 *
 * Called by aggregate_run.c. Test: test/unit/aggregate/test_aggregate_run.c.
 */
#ifndef FLOWD_AGGREGATE_HEAD_H
#define FLOWD_AGGREGATE_HEAD_H

#include "aggregate_state.h"
#include "block_head.h"

/*
 * Add all flows of a block to groups. bins is for the bins of the group.
 * False when the head does not say enough: then nothing was added.
 */
bool head_group(const struct aggregate_group *g, const struct block *b,
    struct time_bins *bins, uint64_t key[KEY_WORDS], bool *general,
    uint64_t state[STATES]);

#endif
