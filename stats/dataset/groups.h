/*
 * The groups of an aggregate as a data set.
 *
 * Called by the reports. Test: test/program/stats/test_stats.py.
 */
#ifndef STATS_GROUPS_H
#define STATS_GROUPS_H

#include "dataset.h"

/*
 * Make d of all groups of a result and the first nmeasures measures. d borrows
 * the result.
 */
void groups_dataset(struct dataset *d, const struct aggregate_result *result,
    unsigned nmeasures);

/* The form of a part of a key, and of a measure. */
enum form key_form(const struct key_part *part);
enum form measure_form(const struct measure *m);

#endif
