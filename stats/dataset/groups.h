/*
 * The groups of an aggregate as a data set.
 *
 * Called by the reports. Test: test/program/test_stats.py.
 */
#ifndef STATS_GROUPS_H
#define STATS_GROUPS_H

#include "dataset.h"

struct groups {
	const struct aggregate_result *result; /* borrowed */
	size_t *row; /* of the result, for each row; NULL: the same */
};

/*
 * Make d of all groups of a result and the first nmeasures measures. d borrows
 * g.
 */
void groups_dataset(struct groups *g, struct dataset *d,
    const struct aggregate_result *result, unsigned nmeasures);
/*
 * Order time bins without keys by a measure, or with ORDER_BY_KEY by time, and
 * keep limit of them, or all for 0. False when out of memory.
 */
bool groups_order_bins(struct groups *g, struct dataset *d, int order,
    bool ascending, uint64_t limit);
void groups_fini(struct groups *g);

/* The form of a part of a key, and of a measure. */
enum form key_form(const struct key_part *part);
enum form measure_form(const struct measure *m);

#endif
