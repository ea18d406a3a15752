/*
 * Groups of flows, worked out a row at a time: what tests of aggregation
 * compare with.
 */
#ifndef FLOWD_TEST_AGGREGATE_SLOW_GROUPS_H
#define FLOWD_TEST_AGGREGATE_SLOW_GROUPS_H

#include <stdlib.h>
#include <string.h>

#include "slow_keys.h"
#include "tables.h"

enum {
	SLOW_GROUPS = 64000, /* of one map, at most */
	SLOW_SLOTS = 1 << 17
};

/* What they tell, as the text of measures. */
#define SLOW_TEXT "flows,octets,packets,min(octets),max(octets),first"

struct slow_group {
	bool seen; /* it was in the result */
	bool bound; /* octets were there */
	uint64_t bin;
	struct key_value value[KEY_PARTS];
	uint64_t flows, octets, packets, least, most;
	int64_t first_ns;
	bool timed;
};

struct slow_groups {
	struct key key;
	uint64_t bin_ns; /* in UTC; 0: none */
	struct slow_group *group;
	size_t n;
	uint32_t *slot; /* SLOW_SLOTS: number of a group + 1 */
	uint64_t timeless; /* flows that are in no bin */
	struct slow_group total; /* of the others, each once */
};

static inline void
slow_groups_init(struct slow_groups *s, const char *key, uint64_t bin_ns)
{
	*s = (struct slow_groups){ .key = { .unordered = -1 },
		.bin_ns = bin_ns,
		.group = calloc(SLOW_GROUPS, sizeof(*s->group)),
		.slot = calloc(SLOW_SLOTS, sizeof(*s->slot)) };
	assert_non_null(s->group);
	assert_non_null(s->slot);
	if (key[0] != '\0')
		assert_int_equal(
		    key_parse_names(&s->key, key, tables_names(), NULL), 0);
}

static inline void
slow_groups_fini(struct slow_groups *s)
{
	free(s->group);
	free(s->slot);
}

static inline struct slow_group *
slow_groups_find(struct slow_groups *s, uint64_t bin,
    const struct key_value *value, bool add)
{
	uint64_t hash = bin;
	struct slow_group *g;
	size_t at;

	for (unsigned i = 0; i < s->key.nparts; i++) {
		hash = (hash ^ value[i].presence) * 0x100000001b3;
		hash = (hash ^ value[i].hi) * 0x100000001b3;
		hash = (hash ^ value[i].lo) * 0x100000001b3;
		hash ^= hash >> 29;
	}
	for (at = hash % SLOW_SLOTS; s->slot[at] != 0;
	     at = (at + 1) % SLOW_SLOTS) {
		bool same;

		g = &s->group[s->slot[at] - 1];
		same = g->bin == bin;
		for (unsigned i = 0; i < s->key.nparts && same; i++)
			same = key_value_compare(&g->value[i], &value[i]) == 0;
		if (same)
			return g;
	}
	if (!add)
		return NULL;
	assert_true(s->n < SLOW_GROUPS);
	g = &s->group[s->n++];
	s->slot[at] = (uint32_t)s->n;
	g->bin = bin;
	memcpy(g->value, value, s->key.nparts * sizeof(*value));
	return g;
}

static inline uint64_t
slow_sum(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* The share of v that is from up to to, of a flow of so many ns. */
static inline uint64_t
slow_share(uint64_t v, uint64_t from, uint64_t to, uint64_t of)
{
	__extension__ typedef unsigned __int128 wide;

	return of == 0 ? v
		       : (uint64_t)((wide)v * to / of - (wide)v * from / of);
}

struct slow_part {
	uint64_t bin, from, to, of;
};

static inline void
slow_group_add(struct slow_group *g, const struct batch *batch, size_t row,
    const struct slow_part *p)
{
	uint64_t octets = batch_uint(batch, COL_octets, row);
	uint64_t packets = batch_uint(batch, COL_packets, row);
	int64_t ns;
	bool has = true;

	g->flows += slow_share(1, p->from, p->to, p->of);
	g->octets =
	    slow_sum(g->octets, slow_share(octets, p->from, p->to, p->of));
	g->packets =
	    slow_sum(g->packets, slow_share(packets, p->from, p->to, p->of));
	if (batch_has(batch, COL_octets, row)) {
		g->least = g->bound && g->least < octets ? g->least : octets;
		g->most = g->bound && g->most > octets ? g->most : octets;
		g->bound = true;
	}
	if (batch_has(batch, COL_flow_start, row))
		ns = (int64_t)batch_uint(batch, COL_flow_start, row);
	else
		has = flow_time(batch, row, &ns);
	if (has && (!g->timed || ns < g->first_ns)) {
		g->first_ns = ns;
		g->timed = true;
	}
}

/* How many entries of tables, of both ends, one end has. */
static inline unsigned
slow_entries(const struct key *key, const struct key_value *value)
{
	unsigned n = 0;

	for (unsigned i = 0; i < key->nparts; i++)
		n += key->part[i].function == KEY_ENTRY &&
		    key->part[i].col[0] != key->part[i].col[1] &&
		    value[i].presence != KEY_ABSENT;
	return n;
}

/* The part of a flow that is in the group of the key of a row. */
static inline void
slow_groups_put(struct slow_groups *s, const struct batch *batch, size_t row,
    const struct slow_part *p)
{
	struct key_value value[2][KEY_PARTS];
	bool same = true;
	unsigned has[2];

	slow_keys(&s->key, 0, batch, row, value[0]);
	slow_keys(&s->key, 1, batch, row, value[1]);
	for (unsigned side = 0; side < 2; side++)
		has[side] = slow_entries(&s->key, value[side]);
	if (has[0] > 0 || has[1] == 0)
		slow_group_add(slow_groups_find(s, p->bin, value[0], true),
		    batch, row, p);
	for (unsigned i = 0; i < s->key.nparts; i++)
		same &= key_value_compare(&value[0][i], &value[1][i]) == 0;
	if (s->key.either && !same && (has[1] > 0 || has[0] == 0))
		slow_group_add(slow_groups_find(s, p->bin, value[1], true),
		    batch, row, p);
}

/* A flow, which with bins is cut; false when it has no time for them. */
static inline bool
slow_groups_put_cut(
    struct slow_groups *s, const struct batch *batch, size_t row)
{
	struct slow_part p = { 0, 0, 0, 0 };
	int64_t begin, end;
	uint64_t last;

	if (batch_has(batch, COL_flow_end, row))
		end = (int64_t)batch_uint(batch, COL_flow_end, row);
	else if (!flow_time(batch, row, &end))
		return false;
	if (batch_has(batch, COL_flow_start, row))
		begin = (int64_t)batch_uint(batch, COL_flow_start, row);
	else
		(void)flow_time(batch, row, &begin);
	if (begin > end)
		begin = end;
	last = ((uint64_t)end - (begin < end)) / s->bin_ns;
	p.bin = (uint64_t)begin / s->bin_ns;
	p.of = p.bin == last ? 0 : (uint64_t)(end - begin);
	for (; p.bin <= last; p.bin++) {
		p.to = (p.bin + 1) * s->bin_ns - (uint64_t)begin;
		if (p.bin == last)
			p.to = p.of;
		slow_groups_put(s, batch, row, &p);
		p.from = p.to;
	}
	return true;
}

/* All selected rows of a batch. */
static inline void
slow_groups_add(struct slow_groups *s, const struct batch *batch)
{
	static const struct slow_part whole = { 0, 0, 0, 0 };

	for (size_t row = 0; row < batch->nrows; row++) {
		if (!bitmap_test(batch->selected, row))
			continue;
		if (s->bin_ns == 0)
			slow_groups_put(s, batch, row, &whole);
		else if (!slow_groups_put_cut(s, batch, row)) {
			s->timeless++;
			continue;
		}
		slow_group_add(&s->total, batch, row, &whole);
	}
}

#endif
