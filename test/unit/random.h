/*
 * Numbers for tests that try many inputs: the same in every run, so that a
 * failure can be had again (xorshift64*).
 */
#ifndef FLOWD_TEST_RANDOM_H
#define FLOWD_TEST_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t state;		/* anything but 0 */
};

/* Any seed will do. */
static inline struct random
random_seeded(uint64_t seed)
{
	return (struct random) { seed * UINT64_C(0x9e3779b97f4a7c15) | 1 };
}

static inline uint64_t
random_u64(struct random *r)
{
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return r->state * UINT64_C(0x2545f4914f6cdd1d);
}

static inline uint32_t
random_u32(struct random *r)
{
	return (uint32_t)(random_u64(r) >> 32);
}

static inline uint32_t
random_below(struct random *r, uint32_t below)
{
	return random_u32(r) % below;
}

static inline uint64_t
random_below64(struct random *r, uint64_t below)
{
	return random_u64(r) % below;
}

/* Of any number of bits up to 64: small ones are as likely as large ones. */
static inline uint64_t
random_bits(struct random *r)
{
	return random_u64(r) >> (random_u32(r) % 64);
}

#endif
