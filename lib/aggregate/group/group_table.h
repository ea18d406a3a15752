/*
 * A hash table of groups. Groups are rows, one behind the other, with the words
 * of a key and then those of its states, in chunks of which only the first one
 * moves, until it is full. Slots, with open addressing, have the number of a
 * row and eight bits of its hash, so that a key that is new is hardly compared
 * with others.
 *
 * Rows are added behind the groups, and wait there. They join many at once,
 * while the table is in the cache: a row whose key is new is a group from then
 * on, any other goes to the group that has its key.
 *
 * Used by partition.c. Test: test/unit/aggregate/test_group_table.c.
 */
#ifndef FLOWD_GROUP_TABLE_H
#define FLOWD_GROUP_TABLE_H

#include <stdatomic.h>

#include "chunk_pool.h"
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
	CHUNK_BITS = 8,
	CHUNK_ROWS = 1 << CHUNK_BITS,
	ROW_BITS = 24 /* of a slot; the others are of the hash */
};

/* Groups of one kind, plain or general. */
struct group_table {
	unsigned key_words, words; /* of a row: of its key, all */
	size_t n;
	size_t waiting; /* rows behind the groups */
	size_t room; /* rows that the chunks have memory for */
	uint64_t **chunk; /* of CHUNK_ROWS; a single one may have fewer */
	struct chunk_pool *pool; /* all chunks but the first are of */
	size_t nslots;
	uint32_t *slot; /* the number of a row + 1; 0: free */
};

/* One word of a hash: the halves of a product, folded. */
static inline uint64_t
hash_fold(uint64_t a, uint64_t b)
{
	__extension__ typedef unsigned __int128 wide;
	wide product = (wide)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The hash of a key of so many words; its upper bits choose a partition. */
static inline uint64_t
group_hash(const uint64_t secret[2], const uint64_t *words, unsigned n)
{
	uint64_t hash = secret[0];

	for (unsigned i = 0; i < n; i++)
		hash = hash_fold(hash ^ words[i], secret[1]);
	return hash * UINT64_C(0x9e3779b97f4a7c15);
}

/* Take octets; false when there are no more. */
bool group_memory_take(struct group_memory *m, size_t octets);
void group_memory_give(struct group_memory *m, size_t octets);

/* pool is borrowed, and for tables of rows with so many words. */
void group_table_init(struct group_table *t, struct chunk_pool *pool,
    unsigned key_words, unsigned states);
static inline size_t
group_table_chunk_octets(unsigned words)
{
	return (size_t)CHUNK_ROWS * words * sizeof(uint64_t);
}


/* Forget all groups and rows, and free what their states point to. */
void group_table_clear(struct group_table *t, const struct states *states,
    struct group_memory *memory);

/*
 * Add rows, which wait. What their states point to is taken over, and cleared.
 * Returns how many: those that there is memory for.
 */
size_t group_table_add(struct group_table *t, const struct states *states,
    struct group_memory *memory, uint64_t *rows, size_t n);
/*
 * All rows that wait join the groups. False when there is no memory; then the
 * others still wait.
 */
bool group_table_join(struct group_table *t,
    const struct group_layout *layout, struct group_memory *memory);

/* Row i of the groups and of those that wait behind them. */
static inline uint64_t *
group_table_row(const struct group_table *t, size_t i)
{
	return t->chunk[i >> CHUNK_BITS] + (i & (CHUNK_ROWS - 1)) * t->words;
}

#endif
