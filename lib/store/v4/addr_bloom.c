/* Sets of addresses; see addr_bloom.h. */
#include <xxhash.h>

#include "addr_bloom.h"

enum {
	WORDS = BLOOM_BUCKET / 4
};

uint32_t
addr_bloom_buckets(size_t naddrs)
{
	return (uint32_t)(naddrs * BLOOM_BITS / (BLOOM_BUCKET * 8) + 1);
}

static uint64_t
addr_hash(const struct addr *a)
{
	uint8_t octets[16];

	if (a->family == ADDR_V4) {
		store_be32(octets, a->v4);
		return XXH3_64bits(octets, 4);
	}
	addr6_store(octets, a->v6);
	return XXH3_64bits(octets, 16);
}

/* The offset of the address's bucket, one of n. */
static size_t
bucket_at(uint64_t h, uint32_t n)
{
	return (size_t)((h >> 32) * n >> 32) * BLOOM_BUCKET;
}

/* Digits of pi, made odd: unrelated multipliers set unrelated bits. */
static const uint32_t multiplier[WORDS] = { 0x243f6a89, 0x85a308d3, 0x13198a2f,
	0x03707345, 0xa4093823, 0x299f31d1, 0x082efa99, 0xec4e6c89 };

static uint32_t
bit_of(uint64_t h, unsigned word)
{
	return UINT32_C(1) << ((uint32_t)h * multiplier[word] >> 27);
}

void
addr_bloom_put(uint8_t *bucket, uint32_t n, const struct addr *a)
{
	uint64_t h = addr_hash(a);
	uint8_t *p = bucket + bucket_at(h, n);

	for (unsigned i = 0; i < WORDS; i++)
		store_le32(p + 4 * i, load_le32(p + 4 * i) | bit_of(h, i));
}

bool
addr_bloom_may_have(const struct addr_bloom *set, const struct addr *a)
{
	uint64_t h = addr_hash(a);
	const uint8_t *p;

	if (set->n == 0)
		return true;
	p = set->bucket + bucket_at(h, set->n);
	for (unsigned i = 0; i < WORDS; i++)
		if (!(load_le32(p + 4 * i) & bit_of(h, i)))
			return false;
	return true;
}
