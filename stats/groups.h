/*
 * The groups of an aggregate as a data set.
 *
 * Called by the reports. Test: test/program/test_stats.py.
 */
#ifndef STATS_GROUPS_H
#define STATS_GROUPS_H

#include "dataset.h"

/* Of the measures only the first so many are shown. result is borrowed. */
void groups_dataset(struct dataset *d, const struct aggregate_result *result,
    unsigned nmeasures);

/* What the values of a part of a key, and of a measure, are. */
enum form key_form(const struct key_part *part);
enum form measure_form(const struct measure *m);

#endif
