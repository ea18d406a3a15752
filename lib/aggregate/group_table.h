/*
 * A hash table of groups: places with the words of a key and then those of its
 * states, with open addressing. A place that is taken has its bit set, so that
 * to find a group is to look at one place of memory.
 *
 * Used by partition.c. Test: test/unit/aggregate/test_group_table.c.
 */
#ifndef FLOWD_GROUP_TABLE_H
#define FLOWD_GROUP_TABLE_H

#include <stdatomic.h>

#include "bitmap.h"
#include "key_layout.h"
#include "measure_state.h"

/* What groups of an output are like. */
struct group_layout {
	const struct key *key;
	struct key_layout keys;
	struct states states;
	uint64_t secret[2]; /* of hashes */
};

/* What bounds the groups of all outputs together. */
struct group_memory {
	atomic_size_t used;
	size_t max; /* 0: none */
};

/* Groups of one kind, plain or general. */
struct group_table {
	unsigned key_words, words; /* of a place: of its key, all */
	size_t n, nplaces;
	uint64_t *place;
	uint64_t *taken; /* a bit a place */
};

/* The hash of a key of so many words; its upper bits choose a partition. */
uint64_t group_hash(
    const uint64_t secret[2], const uint64_t *words, unsigned n);

/* Take octets; false when there are no more. */
bool group_memory_take(struct group_memory *m, size_t octets);
void group_memory_give(struct group_memory *m, size_t octets);

void group_table_init(
    struct group_table *t, unsigned key_words, unsigned states);
/* Forget all groups, and free what their states point to. */
void group_table_clear(struct group_table *t, const struct states *states,
    struct group_memory *memory);

/*
 * The states of the group with this key, which is added if it is new. NULL when
 * there is no memory.
 */
uint64_t *group_table_find(struct group_table *t,
    const struct group_layout *layout, struct group_memory *memory,
    uint64_t hash, const uint64_t *key);

/* Where to begin to look; t has places. */
static inline size_t
group_table_place(const struct group_table *t, uint64_t hash)
{
	return (size_t)((hash & UINT32_MAX) * t->nplaces >> 32);
}

/* Fetch the group of this hash before it is asked for. */
static inline void
group_table_fetch(const struct group_table *t, uint64_t hash)
{
	if (t->nplaces > 0)
		__builtin_prefetch(
		    t->place + group_table_place(t, hash) * t->words);
}

/* The next place that is taken, from at on; t->nplaces at the end. */
static inline size_t
group_table_next(const struct group_table *t, size_t at)
{
	return bitmap_next(t->taken, at, t->nplaces);
}

#endif
