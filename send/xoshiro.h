/*
 * Random numbers that are the same everywhere for the same seed: for load,
 * not for secrets. The generator is xoshiro256** (Blackman and Vigna, 2018),
 * its state filled by splitmix64, as its authors advise.
 *
 * Used by generate.c. Test: test/unit/send/test_generate.c.
 */
#ifndef FLOWD_XOSHIRO_H
#define FLOWD_XOSHIRO_H

#include <stdint.h>

struct xoshiro {
	uint64_t s[4];
};

/* A bijection of 64 bits without visible order. */
static inline uint64_t
splitmix64_mix(uint64_t v)
{
	v = (v ^ v >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	v = (v ^ v >> 27) * UINT64_C(0x94d049bb133111eb);
	return v ^ v >> 31;
}

static inline void
xoshiro_init(struct xoshiro *rng, uint64_t seed)
{
	for (unsigned i = 0; i < 4; i++)
		rng->s[i] = splitmix64_mix(
		    seed + (i + 1) * UINT64_C(0x9e3779b97f4a7c15));
}

static inline uint64_t
xoshiro_rotate(uint64_t v, unsigned n)
{
	return v << n | v >> (64 - n);
}

static inline uint64_t
xoshiro_next(struct xoshiro *rng)
{
	uint64_t *s = rng->s, result = xoshiro_rotate(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = xoshiro_rotate(s[3], 45);
	return result;
}

/* Takes bits off the low end of a random word, for several small draws. */
static inline uint32_t
xoshiro_bits(uint64_t *word, unsigned n)
{
	uint32_t v = (uint32_t)(*word & ((UINT64_C(1) << n) - 1));

	*word >>= n;
	return v;
}

#endif
