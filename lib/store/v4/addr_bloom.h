/*
 * Bloom filters of addresses, which an index has for its blocks: the answer is
 * "perhaps" or "no", and "no" is certain. All bits of an address lie in one
 * bucket, so that a lookup costs one cache line; see flowd-log(5).
 *
 * Test: test/unit/store/test_seal.c.
 */
#ifndef FLOWD_ADDR_BLOOM_H
#define FLOWD_ADDR_BLOOM_H

#include "addr.h"
#include "wire_le.h"

enum {
	BLOOM_BUCKET = 32,	/* octets */
	BLOOM_BITS = 12	/* for each address */
};

struct addr_bloom {
	const uint8_t *bucket;
	uint32_t n;		/* 0: the answer is always "perhaps" */
};

/* The number of buckets for this many addresses. */
uint32_t addr_bloom_buckets(size_t naddrs);
/* Add an address to n buckets, at least one, which start as zeros. */
void addr_bloom_put(uint8_t *bucket, uint32_t n, const struct addr *a);
/* May the address be in the set? */
bool addr_bloom_may_have(const struct addr_bloom *set, const struct addr *a);

#endif
