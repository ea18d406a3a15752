/*
 * How many different values there are: exactly up to DISTINCT_EXACT of them,
 * then estimated by HyperLogLog (Flajolet and others, 2007) with the estimator
 * of Ertl (2017): its standard error is 0.81 %.
 *
 * Values are given by their hashes. The same values give the same number, in
 * whatever order and however often they are added and merged.
 *
 * Used by measure_state.c. Test: test/unit/aggregate/test_distinct.c.
 */
#ifndef FLOWD_DISTINCT_H
#define FLOWD_DISTINCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DISTINCT_EXACT = 4096
};

struct distinct;

/* A hash that differs for different integers, always. */
static inline uint64_t
distinct_hash(uint64_t v)
{
	v ^= v >> 32;
	v *= UINT64_C(0xe9846af9b1a615d);
	v ^= v >> 32;
	v *= UINT64_C(0xe9846af9b1a615d);
	v ^= v >> 28;
	return v;
}

/* Of 128 bits: it may be the same for different ones, once in 2^64. */
static inline uint64_t
distinct_hash128(uint64_t hi, uint64_t lo)
{
	return distinct_hash(distinct_hash(hi) + lo * 3 + 1);
}

/* Add a value; *d is NULL before the first. False when out of memory. */
bool distinct_add(struct distinct **d, uint64_t hash);
/* Add the values of from, which may be NULL. */
bool distinct_merge(struct distinct **d, const struct distinct *from);
/* How many there are; 0 for NULL. */
uint64_t distinct_count(const struct distinct *d, bool *estimate);
size_t distinct_octets(const struct distinct *d);
void distinct_free(struct distinct *d);

#endif
