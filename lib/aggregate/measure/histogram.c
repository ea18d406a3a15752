/* Percentiles; see histogram.h. */
#include <stdlib.h>
#include <string.h>

#include "histogram.h"

enum {
	VALUES_MIN = 8,
	SUB_BITS = 7, /* buckets of a power of two: 2^7 */
	SMALL = 2 << SUB_BITS, /* values below are buckets of their own */
	BUCKETS = SMALL + (64 - SUB_BITS - 1) * (1 << SUB_BITS)
};

struct histogram {
	uint64_t n; /* values */
	uint32_t cap; /* of value; 0: there are buckets */
	uint64_t value[1]; /* or of each bucket how many there are */
};

static size_t
histogram_size(uint32_t cap)
{
	return offsetof(struct histogram, value) +
	    (cap > 0 ? cap : (size_t)BUCKETS) * sizeof(uint64_t);
}

static size_t
histogram_bucket(uint64_t v)
{
	unsigned power;

	if (v < SMALL)
		return (size_t)v;
	power = 63 - (unsigned)__builtin_clzll(v);
	return SMALL + ((size_t)(power - SUB_BITS - 1) << SUB_BITS) +
	    (v >> (power - SUB_BITS) & ((1 << SUB_BITS) - 1));
}

/* The middle of a bucket. */
static uint64_t
histogram_middle(size_t bucket)
{
	unsigned power;
	uint64_t sub;

	if (bucket < SMALL)
		return bucket;
	bucket -= SMALL;
	power = (unsigned)(bucket >> SUB_BITS) + SUB_BITS + 1;
	sub = bucket & ((1 << SUB_BITS) - 1);
	return (((1 << SUB_BITS) | sub) << (power - SUB_BITS)) +
	    ((UINT64_C(1) << (power - SUB_BITS)) - 1) / 2;
}

static bool
histogram_grow(struct histogram **h)
{
	struct histogram *old = *h, *more;
	uint32_t cap = old == NULL ? VALUES_MIN
	    : old->cap < HISTOGRAM_EXACT ? old->cap * 2
					 : 0;

	more = calloc(1, histogram_size(cap));
	if (more == NULL)
		return false;
	more->cap = cap;
	if (old != NULL) {
		more->n = old->n;
		for (uint64_t i = 0; i < old->n; i++)
			if (cap > 0)
				more->value[i] = old->value[i];
			else
				more->value[histogram_bucket(old->value[i])]++;
	}
	free(old);
	*h = more;
	return true;
}

bool
histogram_add(struct histogram **h, uint64_t value)
{
	if ((*h == NULL || (*h)->n == (*h)->cap) &&
	    (*h == NULL || (*h)->cap > 0) && !histogram_grow(h))
		return false;
	if ((*h)->cap > 0)
		(*h)->value[(*h)->n] = value;
	else
		(*h)->value[histogram_bucket(value)]++;
	(*h)->n++;
	return true;
}

bool
histogram_merge(struct histogram **h, const struct histogram *from)
{
	if (from == NULL)
		return true;
	if (from->cap > 0) {
		for (uint64_t i = 0; i < from->n; i++)
			if (!histogram_add(h, from->value[i]))
				return false;
		return true;
	}
	while (*h == NULL || (*h)->cap > 0)
		if (!histogram_grow(h))
			return false;
	for (size_t i = 0; i < BUCKETS; i++)
		(*h)->value[i] += from->value[i];
	(*h)->n += from->n;
	return true;
}

static int
compare_values(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

bool
histogram_permille(const struct histogram *h, unsigned permille,
    uint64_t *value, bool *estimate)
{
	uint64_t rank, seen = 0;
	size_t i;

	*estimate = h != NULL && h->cap == 0;
	if (h == NULL || h->n == 0)
		return false;
	rank = h->n / 1000 * permille + (h->n % 1000 * permille + 999) / 1000;
	if (!*estimate) {
		uint64_t sorted[HISTOGRAM_EXACT];

		memcpy(sorted, h->value, (size_t)h->n * sizeof(*sorted));
		qsort(sorted, (size_t)h->n, sizeof(*sorted), compare_values);
		*value = sorted[rank > 0 ? rank - 1 : 0];
		return true;
	}
	for (i = 0; i < BUCKETS - 1; i++)
		if ((seen += h->value[i]) >= rank && seen > 0)
			break;
	*value = histogram_middle(i);
	return true;
}

size_t
histogram_octets(const struct histogram *h)
{
	return h != NULL ? histogram_size(h->cap) : 0;
}

void
histogram_free(struct histogram *h)
{
	free(h);
}
