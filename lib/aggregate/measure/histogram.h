/*
 * Percentiles of integers: exactly up to HISTOGRAM_EXACT of them; of more a
 * histogram is kept, whose buckets are at most 1/128 of their values wide, so
 * that a percentile is at most 0.4 % from one that is exact.
 *
 * The same values give the same percentile, in whatever order they are added
 * and merged. Used by measure_state.c. Test: test/unit/aggregate/
 * test_histogram.c.
 */
#ifndef FLOWD_HISTOGRAM_H
#define FLOWD_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HISTOGRAM_EXACT = 1024
};

struct histogram;

/* Add a value; *h is NULL before the first. False when out of memory. */
bool histogram_add(struct histogram **h, uint64_t value);
/* Add the values of from, which may be NULL. */
bool histogram_merge(struct histogram **h, const struct histogram *from);
/*
 * The least value that so many of 1000 values do not exceed (nearest rank).
 * False when there is no value.
 */
bool histogram_permille(const struct histogram *h, unsigned permille,
    uint64_t *value, bool *estimate);
size_t histogram_octets(const struct histogram *h);
void histogram_free(struct histogram *h);

#endif
