/*
 * A hash table of groups. Groups are rows, one behind the other, with the words
 * of a key and then those of its states, in chunks of which only the first one
 * moves, until it is full. Slots, with open addressing, have the number of a
 * row and eight bits of its hash, so that a key that is new is hardly compared
 * with others.
 *
 * Used by partition.c. Test: test/unit/aggregate/test_group_table.c.
 */
#ifndef FLOWD_GROUP_TABLE_H
#define FLOWD_GROUP_TABLE_H

#include <stdatomic.h>

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

enum {
	CHUNK_BITS = 10,
	CHUNK_ROWS = 1 << CHUNK_BITS,
	ROW_BITS = 24 /* of a slot; the others are of the hash */
};

/* Groups of one kind, plain or general. */
struct group_table {
	unsigned key_words, words; /* of a row: of its key, all */
	size_t n;
	size_t room; /* rows that the chunks have memory for */
	uint64_t **chunk; /* of CHUNK_ROWS; a single one may have fewer */
	size_t nslots;
	uint32_t *slot; /* the number of a row + 1; 0: free */
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

/* Row i, which is less than t->n. */
static inline uint64_t *
group_table_row(const struct group_table *t, size_t i)
{
	return t->chunk[i >> CHUNK_BITS] + (i & (CHUNK_ROWS - 1)) * t->words;
}

/* Where to begin to look; t has slots. */
static inline size_t
group_table_slot(const struct group_table *t, uint64_t hash)
{
	return (size_t)((hash & UINT32_MAX) * t->nslots >> 32);
}

/*
 * Fetch memory that is soon read. Without the second line compilers leave out a
 * loop that does nothing else.
 */
static inline void
memory_fetch(const void *p)
{
	__builtin_prefetch(p);
	__asm__ volatile("" : : "r"(p));
}

/* Fetch the slot of this hash before it is asked for. */
static inline void
group_table_fetch_slot(const struct group_table *t, uint64_t hash)
{
	if (t->nslots > 0)
		memory_fetch(&t->slot[group_table_slot(t, hash)]);
}

/* The part of a hash that is kept in a slot. */
static inline uint32_t
group_table_tag(uint64_t hash)
{
	return (uint32_t)(hash >> 32) << ROW_BITS;
}

/* Then fetch the row that is likely to be asked for. */
static inline void
group_table_fetch_row(const struct group_table *t, uint64_t hash)
{
	const uint32_t tag = group_table_tag(hash);
	size_t at = t->nslots > 0 ? group_table_slot(t, hash) : 0;

	for (; at < t->nslots && t->slot[at] != 0; at++)
		if ((t->slot[at] ^ tag) >> ROW_BITS == 0) {
			memory_fetch(group_table_row(t,
			    (t->slot[at] & ((1 << ROW_BITS) - 1)) - 1));
			return;
		}
}

#endif
