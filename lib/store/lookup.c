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

static bool
table_begin(struct lookup_table *t, size_t naddrs, struct scratch *scratch)
{
	if (t->slot != NULL)
		return true;
	t->slot = scratch_take(scratch, naddrs * sizeof(*t->slot));
	if (t->slot == NULL)
		return false;
	memset(t->slot, 0, naddrs * sizeof(*t->slot));
	return true;
}

bool
lookup_put(struct lookup_table *t, size_t naddrs, const uint32_t *key,
    const uint32_t *value, size_t n, struct scratch *scratch,
    struct lookup_misses *misses)
{
	size_t max = n / MISSES, missed = 0;

	/* Where hardly an address comes twice there is nothing to win. */
	if (naddrs > n / 4 * 3 || !table_begin(t, naddrs, scratch))
		return false;
	misses->row = scratch_take(scratch, (max + 1) * sizeof(uint32_t));
	misses->value = scratch_take(scratch, (max + 1) * sizeof(uint32_t));
	if (misses->row == NULL || misses->value == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		uint64_t *slot = &t->slot[key[i]];
		uint64_t want = (uint64_t)value[i] + 1;

		if (*slot == 0)
			*slot = want;
		if (*slot == want)
			continue;
		if (missed == max)
			return false;
		misses->row[missed] = (uint32_t)i;
		misses->value[missed++] = value[i];
	}
	misses->n = missed;
	t->used = true;
	return true;
}

uint32_t *
lookup_values(const struct lookup_table *t, size_t naddrs,
    struct scratch *scratch)
{
	uint32_t *values = scratch_take(scratch, naddrs * sizeof(*values));
	uint32_t last = 0;

	if (values == NULL)
		return NULL;
	for (size_t i = 0; i < naddrs && last == 0; i++)
		last = (uint32_t)(t->slot[i] - (t->slot[i] != 0));
	for (size_t i = 0; i < naddrs; i++) {
		if (t->slot[i] != 0)
			last = (uint32_t)(t->slot[i] - 1);
		values[i] = last;
	}
	return values;
}
