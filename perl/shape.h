/*
 * Hashes that are alike, made fast: those of one shape have the same keys. One
 * is kept as a template and copied, which hashes no key and grows no table;
 * then the values are put in.
 *
 * Used by flow.c and row.c.
 */
#ifndef FLOWD_PERL_SHAPE_H
#define FLOWD_PERL_SHAPE_H

#include <stdint.h>

#include "perl_api.h"

enum {
	SHAPE_KEYS_MAX = 128,
	SHAPES_KEPT = 8
};

/* Which keys there are: a bit each. */
struct keyset {
	uint64_t bits[SHAPE_KEYS_MAX / 64];
};

struct shape {
	struct keyset keys;
	HV *hash;	/* NULL: not used yet */
	unsigned n;
	uint8_t order[SHAPE_KEYS_MAX]; /* keys, as they come in the hash */
};

struct shapes {
	unsigned nkeys;
	SV *key[SHAPE_KEYS_MAX];
	struct shape kept[SHAPES_KEPT];
	unsigned last, next;
};

/* The value of a key, which becomes the hash's. */
typedef SV *shape_value(pTHX_ void *arg, unsigned key);

void shapes_init(struct shapes *s);
void shapes_fini(pTHX_ struct shapes *s);
/* Add a key; its index is how many there were before. */
void shapes_add(pTHX_ struct shapes *s, const char *key);

/* A hash with these keys and their values; a reference to it. */
SV *shapes_make(pTHX_ struct shapes *s, const struct keyset *keys,
    shape_value *value, void *arg);

static inline void
keyset_add(struct keyset *keys, unsigned key)
{
	keys->bits[key / 64] |= (uint64_t)1 << key % 64;
}

static inline int
keyset_has(const struct keyset *keys, unsigned key)
{
	return (int)(keys->bits[key / 64] >> key % 64 & 1);
}

static inline int
keyset_equal(const struct keyset *a, const struct keyset *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

#endif
