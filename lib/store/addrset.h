/*
 * Sets of addresses that may say "perhaps", but never a wrong "no": what an
 * index keeps of its blocks. A Bloom filter whose bits for one address lie in
 * one bucket, so that asking costs one line of the cache; see flowd-log(5).
 *
 * Used by index.c. Test: test/unit/store/test_seal.c.
 */
#ifndef FLOWD_ADDRSET_H
#define FLOWD_ADDRSET_H

#include "addr.h"
#include "wire_le.h"

enum {
	ADDRSET_BUCKET = 32,	/* octets */
	ADDRSET_BITS = 12	/* for each address */
};

struct addrset {
	const uint8_t *bucket;
	uint32_t n;		/* 0: it says perhaps of any address */
};

/* Buckets for so many addresses. */
uint32_t addrset_buckets(size_t naddrs);
/* Put an address into n buckets, at least one, which begin as zeros. */
void addrset_put(uint8_t *bucket, uint32_t n, const struct addr *a);
/* May the address be in the set? */
bool addrset_may_have(const struct addrset *set, const struct addr *a);

#endif
