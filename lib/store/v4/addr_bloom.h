/*
 * Sets of addresses that may say "perhaps", but never a wrong "no": what an
 * index keeps of its blocks. A Bloom filter whose bits for one address lie in
 * one bucket, so that asking costs one line of the cache; see flowd-log(5).
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
	uint32_t n;		/* 0: it says perhaps of any address */
};

/* Buckets for so many addresses. */
uint32_t addr_bloom_buckets(size_t naddrs);
/* Put an address into n buckets, at least one, which begin as zeros. */
void addr_bloom_put(uint8_t *bucket, uint32_t n, const struct addr *a);
/* May the address be in the set? */
bool addr_bloom_may_have(const struct addr_bloom *set, const struct addr *a);

#endif
