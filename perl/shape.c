/* Hashes that are alike; see shape.h. */
#include "shape.h"

void
shapes_init(struct shapes *s)
{
	Zero(s, 1, struct shapes);
}

void
shapes_fini(pTHX_ struct shapes *s)
{
	for (unsigned i = 0; i < s->nkeys; i++)
		SvREFCNT_dec(s->key[i]);
	for (unsigned i = 0; i < SHAPES_KEPT; i++)
		SvREFCNT_dec(s->kept[i].hash);
}

void
shapes_add(pTHX_ struct shapes *s, const char *key)
{
	if (s->nkeys == SHAPE_KEYS_MAX)
		croak("more than %d columns", SHAPE_KEYS_MAX);
	s->key[s->nkeys++] = newSVpvn_share(key, (I32)strlen(key), 0);
}

static unsigned
shapes_index(const struct shapes *s, const HEK *hek)
{
	unsigned i = 0;

	while (i < s->nkeys - 1 &&
	    SvSHARED_HEK_FROM_PV(SvPVX_const(s->key[i])) != hek)
		i++;
	return i;
}

/* The entries of a hash, in the order in which a copy has them, too. */
#define HASH_FOREACH(hv, he) \
	for (STRLEN slot = 0; slot <= HvMAX(hv); slot++) \
		for (HE *he = HvARRAY(hv)[slot]; he != NULL; \
		    he = HeNEXT(he))

static void
shape_init(pTHX_ struct shape *shape, const struct shapes *s,
    const struct keyset *keys)
{
	shape->keys = *keys;
	shape->hash = newHV();
	shape->n = 0;
	hv_ksplit(shape->hash, s->nkeys);
	/* Of an undef that is never freed copies make no copy. */
	for (unsigned i = 0; i < s->nkeys; i++)
		if (keyset_has(keys, i))
			(void)hv_store_ent(shape->hash, s->key[i],
			    &PL_sv_undef, SvSHARED_HASH(s->key[i]));
	if (HvUSEDKEYS(shape->hash) == 0)
		return;
	HASH_FOREACH(shape->hash, he)
		shape->order[shape->n++] =
		    (uint8_t)shapes_index(s, HeKEY_hek(he));
}

static struct shape *
shapes_find(pTHX_ struct shapes *s, const struct keyset *keys)
{
	struct shape *shape = &s->kept[s->last];

	if (shape->hash != NULL && keyset_equal(&shape->keys, keys))
		return shape;
	for (unsigned i = 0; i < SHAPES_KEPT; i++) {
		shape = &s->kept[i];
		if (shape->hash == NULL ||
		    !keyset_equal(&shape->keys, keys))
			continue;
		s->last = i;
		return shape;
	}
	s->last = s->next;
	s->next = (s->next + 1) % SHAPES_KEPT;
	shape = &s->kept[s->last];
	SvREFCNT_dec(shape->hash);
	shape->hash = NULL;
	shape_init(aTHX_ shape, s, keys);
	return shape;
}

SV *
shapes_make(pTHX_ struct shapes *s, const struct keyset *keys,
    shape_value *value, void *arg)
{
	const struct shape *shape = shapes_find(aTHX_ s, keys);
	HV *hv = shape->n > 0 ? newHVhv(shape->hash) : newHV();
	unsigned n = 0;

	if (shape->n > 0)
		HASH_FOREACH(hv, he)
			HeVAL(he) = value(aTHX_ arg, shape->order[n++]);
	return newRV_noinc((SV *)hv);
}
