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
	size_t *row; /* of the result, for each that is shown; NULL: the same */
};

/*
 * All groups of a result; of the measures only the first so many. g stays
 * where it is as long as d is used.
 */
void groups_dataset(struct groups *g, struct dataset *d,
    const struct aggregate_result *result, unsigned nmeasures);
/*
 * Time bins without keys: in the order of a measure, the first so many of them,
 * or all for 0. By ORDER_BY_KEY it is that of the time. False when out of
 * memory.
 */
bool groups_order_bins(struct groups *g, struct dataset *d, int order,
    bool ascending, uint64_t limit);
void groups_fini(struct groups *g);

/* What the values of a part of a key, and of a measure, are. */
enum form key_form(const struct key_part *part);
enum form measure_form(const struct measure *m);

#endif
