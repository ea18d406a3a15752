/* Columns that follow from an address; see lookup.h. */
#include <string.h>

#include "lookup.h"

enum {
	MISSES = 64	/* one in so many rows may not fit */
};

static const struct lookup lookups[] = {
	{ COL_src_as, COL_src_addr, 0 },
	{ COL_dst_as, COL_dst_addr, 0 },
	{ COL_src_mask, COL_src_addr, 1 },
	{ COL_dst_mask, COL_dst_addr, 1 },
	{ COL_if_in, COL_src_addr, 2 },
	{ COL_if_out, COL_dst_addr, 2 },
	{ COL_next_hop, COL_dst_addr, 3 },
	{ COL_bgp_next_hop, COL_dst_addr, 4 },
};

const struct lookup *
lookup_find(unsigned col)
{
	for (size_t i = 0; i < sizeof(lookups) / sizeof(lookups[0]); i++)
		if (lookups[i].col == col)
			return &lookups[i];
	return NULL;
}

/* Has the column values, not all the same, in the rows of its key? */
static bool
usable(const struct lookup *l, const struct gather *g)
{
	const struct gathered *c = &g->col[l->col];

	return colset_has(&g->used, l->col) && !c->same &&
	    gather_same_rows(g, l->col, l->key);
}

/* Without a branch: which addresses are new is not to be guessed. */
static void
scatter(const struct lookup *l, const struct gather *g, uint32_t *table)
{
	const uint32_t *key = g->col[l->key].u32, *v = g->col[l->col].u32;
	size_t n = g->col[l->col].n;

	for (size_t i = 0; i < n; i++)
		table[key[i]] = v[i];
}

static void
fill(struct lookup_table *t, unsigned table, const struct gather *g)
{
	/* The first column comes last and overwrites the others. */
	for (size_t i = sizeof(lookups) / sizeof(lookups[0]); i > 0; i--)
		if (lookups[i - 1].table == table &&
		    usable(&lookups[i - 1], g))
			scatter(&lookups[i - 1], g, t->value);
}

bool
lookup_begin(struct lookup_table *t, const struct lookup *l,
    const struct gather *g, struct scratch *scratch)
{
	size_t naddrs = addrpool_count(&g->pool);

	if (!usable(l, g) || naddrs > g->col[l->col].n / 4 * 3)
		return false;
	if (t->begun)
		return t->value != NULL;
	t->begun = true;
	t->value = scratch_take(scratch, naddrs * sizeof(*t->value));
	if (t->value == NULL)
		return false;
	memset(t->value, 0, naddrs * sizeof(*t->value));
	fill(t, l->table, g);
	return true;
}

static size_t
count_misses(const uint32_t *key, const uint32_t *v, size_t n,
    const uint32_t *table)
{
	size_t missed = 0;

	for (size_t i = 0; i < n; i++)
		missed += table[key[i]] != v[i];
	return missed;
}

bool
lookup_compare(struct lookup_table *t, const struct lookup *l,
    const struct gather *g, struct scratch *scratch,
    struct lookup_misses *misses)
{
	const uint32_t *key = g->col[l->key].u32, *v = g->col[l->col].u32;
	size_t n = g->col[l->col].n;
	size_t missed = count_misses(key, v, n, t->value);

	if (missed > n / MISSES)
		return false;
	misses->row = scratch_take(scratch, missed * sizeof(uint32_t));
	misses->value = scratch_take(scratch, missed * sizeof(uint32_t));
	if (misses->row == NULL || misses->value == NULL)
		return false;
	misses->n = 0;
	for (size_t i = 0; misses->n < missed; i++)
		if (t->value[key[i]] != v[i]) {
			misses->row[misses->n] = (uint32_t)i;
			misses->value[misses->n++] = v[i];
		}
	t->used = true;
	return true;
}
