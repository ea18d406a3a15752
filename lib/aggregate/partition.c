/* Groups that threads share; see partition.h. */
#include <stdlib.h>
#include <string.h>

#include "partition.h"

enum {
	ROWS_MIN = 16,
	AHEAD = 8 /* groups whose slots are fetched before they are needed */
};

void
partitions_init(struct partitions *p, const struct group_layout *layout,
    struct group_memory *memory)
{
	unsigned states = layout->states.n;

	*p = (struct partitions){ .layout = layout, .memory = memory };
	for (unsigned i = 0; i < PARTITIONS; i++) {
		struct partition *part = &p->part[i];

		(void)pthread_mutex_init(&part->lock, NULL);
		part->table[0].key_words = layout->keys.plain_words;
		part->table[1].key_words = layout->keys.general_words;
		for (unsigned k = 0; k < 2; k++)
			part->table[k].words = part->table[k].key_words +
			    states;
	}
}

static void
group_table_fini(struct group_table *t, const struct states *states)
{
	for (size_t i = 0; i < t->n && !states->additive; i++)
		states_drop(states, t->row + i * t->words + t->key_words);
	free(t->row);
	free(t->slot);
}

void
partitions_fini(struct partitions *p)
{
	if (p->layout == NULL)
		return;
	for (unsigned i = 0; i < PARTITIONS; i++) {
		for (unsigned k = 0; k < 2; k++)
			group_table_fini(
			    &p->part[i].table[k], &p->layout->states);
		(void)pthread_mutex_destroy(&p->part[i].lock);
	}
}

/* One word of a hash: the halves of a product, folded. */
static inline uint64_t
fold(uint64_t a, uint64_t b)
{
	__extension__ typedef unsigned __int128 wide;
	wide product = (wide)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t
group_hash(const uint64_t secret[2], const uint64_t *words, unsigned n)
{
	uint64_t hash = secret[0];

	for (unsigned i = 0; i < n; i++)
		hash = fold(hash ^ words[i], secret[1]);
	return hash * UINT64_C(0x9e3779b97f4a7c15);
}

/* --- A table --- */

static bool
memory_take(struct group_memory *m, size_t octets)
{
	size_t used = atomic_fetch_add(&m->used, octets) + octets;

	return m->max == 0 || used <= m->max;
}

static void
memory_give(struct group_memory *m, size_t octets)
{
	(void)atomic_fetch_sub(&m->used, octets);
}

/* What a slot says of a hash; its lower half is left for the row. */
static inline uint64_t
slot_tag(uint64_t hash)
{
	/* The bits that chose partition and slot tell least. */
	return hash << PARTITION_BITS & ~(uint64_t)UINT32_MAX;
}

static inline size_t
slot_place(const struct group_table *t, uint64_t hash)
{
	return (size_t)hash & (t->nslots - 1);
}

static void
group_table_index(struct group_table *t, const uint64_t secret[2], size_t row)
{
	uint64_t hash = group_hash(
	    secret, t->row + row * t->words, t->key_words);
	size_t at = slot_place(t, hash);

	while (t->slot[at] != 0)
		at = (at + 1) & (t->nslots - 1);
	t->slot[at] = slot_tag(hash) | (row + 1);
}

static bool
group_table_grow_slots(struct group_table *t, const uint64_t secret[2],
    struct group_memory *memory)
{
	size_t nslots = t->nslots == 0 ? 2 * ROWS_MIN : 2 * t->nslots;
	uint64_t *slot;

	if (!memory_take(memory, (nslots - t->nslots) * sizeof(*slot)))
		return false;
	slot = calloc(nslots, sizeof(*slot));
	if (slot == NULL)
		return false;
	free(t->slot);
	t->slot = slot;
	t->nslots = nslots;
	for (size_t i = 0; i < t->n; i++)
		group_table_index(t, secret, i);
	return true;
}

static bool
group_table_grow_rows(struct group_table *t, struct group_memory *memory)
{
	size_t cap = t->cap == 0 ? ROWS_MIN : t->cap + t->cap / 2;
	uint64_t *row;

	if (cap >= UINT32_MAX ||
	    !memory_take(
		memory, (cap - t->cap) * t->words * sizeof(*row)))
		return false;
	row = realloc(t->row, cap * t->words * sizeof(*row));
	if (row == NULL)
		return false;
	t->row = row;
	t->cap = cap;
	return true;
}

/* The states of a group, which is added if it is new; NULL: no memory. */
static uint64_t *
group_table_find(struct group_table *t, const struct partitions *p,
    const struct group *g)
{
	uint64_t tag = slot_tag(g->hash), *row;
	size_t at;

	if (t->n * 3 >= t->nslots * 2 &&
	    !group_table_grow_slots(t, p->layout->secret, p->memory))
		return NULL;
	at = slot_place(t, g->hash);
	for (; t->slot[at] != 0; at = (at + 1) & (t->nslots - 1)) {
		if ((t->slot[at] & ~(uint64_t)UINT32_MAX) != tag)
			continue;
		row = t->row +
		    ((t->slot[at] & UINT32_MAX) - 1) * t->words;
		if (key_words_equal(row, g->key, t->key_words))
			return row + t->key_words;
	}
	if (t->n == t->cap && !group_table_grow_rows(t, p->memory))
		return NULL;
	row = t->row + t->n * t->words;
	memcpy(row, g->key, t->key_words * sizeof(*row));
	states_clear(&p->layout->states, row + t->key_words);
	t->slot[at] = tag | ++t->n;
	return row + t->key_words;
}

/* Add the states of a group; what they point to is counted as memory. */
static bool
group_add(const struct partitions *p, uint64_t *to, struct group *g)
{
	const struct states *states = &p->layout->states;
	size_t before, after;

	if (states->additive) {
		for (unsigned i = 0; i < states->n; i++)
			to[i] = sum_saturated(to[i], g->state[i]);
		states_clear(states, g->state);
		return true;
	}
	before = states_octets(states, to);
	if (!states_combine(states, to, g->state))
		return false;
	after = states_octets(states, to);
	if (after < before)
		memory_give(p->memory, before - after);
	return after <= before || memory_take(p->memory, after - before);
}

/* Fetch the slot of a group before it is needed. */
static void
fetch_slot(const struct partition *part, const struct group *g)
{
	const struct group_table *t = &part->table[g->general];

	if (t->nslots > 0)
		__builtin_prefetch(&t->slot[slot_place(t, g->hash)]);
}

/* And the row that the slot leads to. */
static void
fetch_row(const struct partition *part, const struct group *g)
{
	const struct group_table *t = &part->table[g->general];
	uint64_t slot;

	if (t->nslots == 0)
		return;
	slot = t->slot[slot_place(t, g->hash)];
	if (slot != 0)
		__builtin_prefetch(
		    t->row + ((slot & UINT32_MAX) - 1) * t->words);
}

int
partition_merge(struct partitions *p, unsigned number,
    const struct group *groups, size_t n, struct flowd_error *err)
{
	struct partition *part = &p->part[number];
	bool good = true;

	(void)pthread_mutex_lock(&part->lock);
	for (size_t i = 0; i < n && i < 2 * AHEAD; i++)
		fetch_slot(part, &groups[i]);
	for (size_t i = 0; i < n && good; i++) {
		struct group g = groups[i];
		uint64_t *state;

		if (i + 2 * AHEAD < n)
			fetch_slot(part, &groups[i + 2 * AHEAD]);
		if (i + AHEAD < n)
			fetch_row(part, &groups[i + AHEAD]);
		state = group_table_find(&part->table[g.general], p, &g);
		good = state != NULL && group_add(p, state, &g);
	}
	(void)pthread_mutex_unlock(&part->lock);
	if (good)
		return 0;
	if (p->memory->max != 0 &&
	    atomic_load(&p->memory->used) > p->memory->max)
		return flowd_fail(err, FLOWD_ENOMEM,
		    "groups take more than the %zu MB of memory they may have",
		    p->memory->max / 1000000);
	return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
}
