/* A hash table of groups; see group_table.h. */
#include <stdlib.h>
#include <string.h>

#include "group_table.h"

enum {
	ROWS_MIN = 32,
	ROW_MASK = (1 << ROW_BITS) - 1,
	ROWS_MAX = ROW_MASK - 1,
	SLOTS_FREE = 4096, /* are always allowed, as the first chunk is */
	SLOTS_A_ROW = 2, /* at least */
	ROWS_AT_ONCE = 32 /* rows at a time */
};

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

bool
group_memory_take(struct group_memory *m, size_t octets)
{
	size_t used = atomic_fetch_add(&m->used, octets) + octets;

	if (m->max == 0 || used <= m->max)
		return true;
	group_memory_give(m, octets);
	return false;
}

void
group_memory_give(struct group_memory *m, size_t octets)
{
	(void)atomic_fetch_sub(&m->used, octets);
}

void
group_table_init(struct group_table *t, unsigned key_words, unsigned states)
{
	*t = (struct group_table){ .key_words = key_words,
		.words = key_words + states };
}

static size_t
chunk_octets(const struct group_table *t, size_t nrows)
{
	return nrows * t->words * sizeof(uint64_t);
}

void
group_table_clear(struct group_table *t, const struct states *states,
    struct group_memory *memory)
{
	for (size_t i = 0; i < t->n && !states->flat; i++)
		states_drop(states, group_table_row(t, i) + t->key_words);
	for (size_t i = 0; i < t->room; i += CHUNK_ROWS)
		free(t->chunk[i >> CHUNK_BITS]);
	group_memory_give(memory,
	    chunk_octets(t, t->room) + t->nslots * sizeof(*t->slot));
	free(t->chunk);
	free(t->slot);
	group_table_init(t, t->key_words, t->words - t->key_words);
}

/* Take memory, or more than there is for what is small. */
static bool
memory_take(struct group_memory *memory, size_t octets, bool is_small)
{
	if (!is_small)
		return group_memory_take(memory, octets);
	(void)atomic_fetch_add(&memory->used, octets);
	return true;
}

/* Write row i, which is not there, to a slot. */
static void
group_table_enter(struct group_table *t, uint64_t hash, size_t i)
{
	size_t at = group_table_slot(t, hash);

	while (t->slot[at] != 0)
		at = at + 1 < t->nslots ? at + 1 : 0;
	t->slot[at] = group_table_tag(hash) | (uint32_t)(i + 1);
}

/* Enter all rows again: slots are fetched some rows ahead. */
static void
enter_rows(struct group_table *t, const uint64_t secret[2])
{
	uint64_t hash[ROWS_AT_ONCE];

	for (size_t i = 0; i < t->n; i += ROWS_AT_ONCE) {
		size_t n = t->n - i < ROWS_AT_ONCE ? t->n - i : ROWS_AT_ONCE;

		for (size_t k = 0; k < n; k++) {
			hash[k] = group_hash(secret,
			    group_table_row(t, i + k), t->key_words);
			group_table_fetch_slot(t, hash[k]);
		}
		for (size_t k = 0; k < n; k++)
			group_table_enter(t, hash[k], i + k);
	}
}

/* Twice as many slots, or the first ones. */
static bool
grow_slots(struct group_table *t, const uint64_t secret[2],
    struct group_memory *memory)
{
	size_t old = t->nslots;
	size_t nslots = old == 0 ? SLOTS_A_ROW * ROWS_MIN : 2 * old;
	size_t octets = nslots * sizeof(*t->slot);
	uint32_t *slot;

	if (!memory_take(memory, octets, nslots <= SLOTS_FREE))
		return false;
	slot = malloc(octets);
	if (slot == NULL) {
		group_memory_give(memory, octets);
		return false;
	}
	/* Written before it is read, or each page would be mapped twice. */
	memset(slot, 0, octets);
	free(t->slot);
	group_memory_give(memory, old * sizeof(*slot));
	t->slot = slot;
	t->nslots = nslots;
	enter_rows(t, secret);
	return true;
}

/* The first chunk grows until it has all rows of one; then there are others. */
static bool
grow_rows(struct group_table *t, struct group_memory *memory)
{
	const size_t nchunks = t->room >> CHUNK_BITS;
	const bool first = t->room < CHUNK_ROWS;
	size_t more = first ? (t->room == 0 ? ROWS_MIN : t->room)
			    : CHUNK_ROWS;
	uint64_t *chunk = NULL;

	if (first || (nchunks & (nchunks - 1)) == 0) {
		uint64_t **chunks = realloc(t->chunk,
		    (first ? 1 : 2 * nchunks) * sizeof(*chunks));

		if (chunks == NULL)
			return false;
		if (t->room == 0)
			chunks[0] = NULL;
		t->chunk = chunks;
	}
	if (!memory_take(memory, chunk_octets(t, more), first))
		return false;
	chunk = realloc(first ? t->chunk[0] : NULL,
	    chunk_octets(t, first ? t->room + more : more));
	if (chunk == NULL) {
		group_memory_give(memory, chunk_octets(t, more));
		return false;
	}
	t->chunk[nchunks] = chunk;
	t->room += more;
	return true;
}

/* The row of a key, or NULL; t has slots, some of them free. */
static uint64_t *
group_table_look_up(
    const struct group_table *t, uint64_t hash, const uint64_t *key)
{
	const uint32_t tag = group_table_tag(hash);
	uint32_t slot;

	for (size_t at = group_table_slot(t, hash); (slot = t->slot[at]) != 0;
	     at = at + 1 < t->nslots ? at + 1 : 0) {
		uint64_t *row;

		if ((slot ^ tag) >> ROW_BITS != 0)
			continue;
		row = group_table_row(t, (slot & ROW_MASK) - 1);
		if (key_words_equal(row, key, t->key_words))
			return row;
	}
	return NULL;
}

uint64_t *
group_table_find(struct group_table *t, const struct group_layout *layout,
    struct group_memory *memory, uint64_t hash, const uint64_t *key)
{
	uint64_t *row =
	    t->nslots > 0 ? group_table_look_up(t, hash, key) : NULL;

	if (row != NULL)
		return row + t->key_words;
	if (t->n == ROWS_MAX ||
	    (t->n == t->room && !grow_rows(t, memory)) ||
	    (t->n * SLOTS_A_ROW >= t->nslots &&
		!grow_slots(t, layout->secret, memory)))
		return NULL;
	group_table_enter(t, hash, t->n);
	row = group_table_row(t, t->n++);
	for (unsigned w = 0; w < t->key_words; w++)
		row[w] = key[w];
	states_clear(&layout->states, row + t->key_words);
	return row + t->key_words;
}
