/* Different values, counted; see distinct.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "distinct.h"

enum {
	SLOTS_MIN = 8,
	INDEX_BITS = 14, /* of a hash, that choose a register */
	REGISTERS = 1 << INDEX_BITS,
	RANK_MAX = 64 - INDEX_BITS + 1 /* what a register can have */
};

struct distinct {
	uint32_t n : 31; /* values, while it is exact */
	uint32_t zero : 1; /* one of them has the hash 0 */
	uint32_t nslots; /* a power of two; 0: there are registers */
	union {
		uint64_t slot[1]; /* hashes; 0 is free */
		uint8_t reg[1];
	};
};

static size_t
distinct_size(uint32_t nslots)
{
	size_t head = offsetof(struct distinct, slot);

	return head + (nslots > 0 ? nslots * sizeof(uint64_t) : REGISTERS);
}

static struct distinct *
distinct_new(uint32_t nslots)
{
	struct distinct *d = calloc(1, distinct_size(nslots));

	if (d != NULL)
		d->nslots = nslots;
	return d;
}

static void
distinct_register(struct distinct *d, uint64_t hash)
{
	uint64_t rest = hash << INDEX_BITS;
	uint8_t rank = rest != 0 ? (uint8_t)(__builtin_clzll(rest) + 1)
				 : RANK_MAX;
	uint8_t *reg = &d->reg[hash >> (64 - INDEX_BITS)];

	if (*reg < rank)
		*reg = rank;
}

/* There is a free slot. */
static void
distinct_put(struct distinct *d, uint64_t hash)
{
	uint32_t at = (uint32_t)hash & (d->nslots - 1);

	while (d->slot[at] != 0 && d->slot[at] != hash)
		at = (at + 1) & (d->nslots - 1);
	d->n += d->slot[at] == 0;
	d->slot[at] = hash;
}

/* A slot of 0 is free, so this hash has no slot. */
static void
distinct_put_zero(struct distinct *d)
{
	d->n += !d->zero;
	d->zero = true;
}

/* Make it larger; with too many values it becomes registers. */
static bool
distinct_grow(struct distinct **d)
{
	struct distinct *old = *d, *more;

	more = distinct_new(
	    old->n >= DISTINCT_EXACT ? 0 : old->nslots * 2);
	if (more == NULL)
		return false;
	for (uint32_t i = 0; i < old->nslots; i++) {
		if (old->slot[i] == 0)
			continue;
		if (more->nslots > 0)
			distinct_put(more, old->slot[i]);
		else
			distinct_register(more, old->slot[i]);
	}
	if (old->zero && more->nslots > 0)
		distinct_put_zero(more);
	else if (old->zero)
		distinct_register(more, 0);
	free(old);
	*d = more;
	return true;
}

static bool
distinct_has(const struct distinct *d, uint64_t hash)
{
	uint32_t at = (uint32_t)hash & (d->nslots - 1);

	if (hash == 0)
		return d->zero;
	while (d->slot[at] != 0 && d->slot[at] != hash)
		at = (at + 1) & (d->nslots - 1);
	return d->slot[at] == hash;
}

bool
distinct_add(struct distinct **d, uint64_t hash)
{
	if (*d == NULL && (*d = distinct_new(SLOTS_MIN)) == NULL)
		return false;
	if ((*d)->nslots > 0 && distinct_has(*d, hash))
		return true;
	if ((*d)->nslots > 0 &&
	    ((*d)->n >= DISTINCT_EXACT || (*d)->n * 2 >= (*d)->nslots) &&
	    !distinct_grow(d))
		return false;
	if ((*d)->nslots == 0)
		distinct_register(*d, hash);
	else if (hash == 0)
		distinct_put_zero(*d);
	else
		distinct_put(*d, hash);
	return true;
}

bool
distinct_merge(struct distinct **d, const struct distinct *from)
{
	if (from == NULL)
		return true;
	for (uint32_t i = 0; i < from->nslots; i++)
		if (from->slot[i] != 0 && !distinct_add(d, from->slot[i]))
			return false;
	if (from->nslots > 0)
		return !from->zero || distinct_add(d, 0);
	if (*d == NULL && (*d = distinct_new(SLOTS_MIN)) == NULL)
		return false;
	if ((*d)->nslots > 0) {
		(*d)->n += DISTINCT_EXACT; /* it is more than that now */
		if (!distinct_grow(d))
			return false;
	}
	for (size_t i = 0; i < REGISTERS; i++)
		if ((*d)->reg[i] < from->reg[i])
			(*d)->reg[i] = from->reg[i];
	return true;
}

/* Ertl, New cardinality estimation algorithms for HyperLogLog sketches, 2017,
 * section 2.3: what registers that are empty or full add. */
static double
ertl_sigma(double x)
{
	double y = 1, z = x, before;

	do {
		x *= x;
		before = z;
		z += x * y;
		y += y;
	} while (z > before);
	return z;
}

static double
ertl_tau(double x)
{
	double y = 1, z = 1 - x, before;

	if (x <= 0 || x >= 1)
		return 0;
	do {
		x = sqrt(x);
		before = z;
		y *= 0.5;
		z -= (1 - x) * (1 - x) * y;
	} while (z < before);
	return z / 3;
}

uint64_t
distinct_count(const struct distinct *d, bool *estimate)
{
	const double m = REGISTERS;
	uint32_t count[RANK_MAX + 1] = { 0 };
	double z;

	*estimate = d != NULL && d->nslots == 0;
	if (!*estimate)
		return d != NULL ? d->n : 0;
	for (size_t i = 0; i < REGISTERS; i++)
		count[d->reg[i]]++;
	z = m * ertl_tau(1 - count[RANK_MAX] / m);
	for (int k = RANK_MAX - 1; k >= 1; k--)
		z = 0.5 * (z + count[k]);
	z += m * ertl_sigma(count[0] / m);
	return (uint64_t)(m * m / (2 * 0.69314718055994531 * z) + 0.5);
}

size_t
distinct_octets(const struct distinct *d)
{
	return d != NULL ? distinct_size(d->nslots) : 0;
}

void
distinct_free(struct distinct *d)
{
	free(d);
}
