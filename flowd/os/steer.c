/*
 * The steering function in C; the BPF program in steer_linux.c computes the
 * same. See steer.h.
 */
#include "steer.h"

static uint32_t
address_fold(uint32_t a, unsigned n)
{
	return a ^ a >> n;
}

/* Multiply first: words must not cancel each other out. */
static uint32_t
mix_in(uint32_t a, uint32_t word)
{
	return a * STEER_GOLDEN ^ word;
}

static uint32_t
words_of(const struct addr *from)
{
	uint32_t a;

	if (from->family != ADDR_V6)
		return from->v4;
	a = (uint32_t)(from->v6.hi >> 32);
	a = mix_in(a, (uint32_t)from->v6.hi);
	a = mix_in(a, (uint32_t)(from->v6.lo >> 32));
	return mix_in(a, (uint32_t)from->v6.lo);
}

/*
 * Spread over all bits, so that neighboring addresses go to different sockets.
 */
unsigned
steer_choose(const struct addr *from, unsigned n)
{
	uint32_t a = words_of(from);

	a = address_fold(a, 16) * STEER_GOLDEN;
	a = address_fold(a, 15) * STEER_GOLDEN;
	return n > 0 ? address_fold(a, 16) % n : 0;
}
