/* A hash table of groups; see group_table.h. */
#include <stdlib.h>
#include <string.h>

#include "group_table.h"

enum {
	ROWS_MIN = 32,
	ROW_MASK = (1 << ROW_BITS) - 1,
	ROWS_MAX = ROW_MASK - 1,
	SLOTS_FREE = 1024, /* are always allowed, as the first chunk is */
	SLOTS_A_ROW = 2, /* at least */
	AHEAD = 32 /* rows whose memory is fetched before they are needed */
};

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
group_table_init(struct group_table *t, struct chunk_pool *pool,
    unsigned key_words, unsigned states)
{
	*t = (struct group_table){ .pool = pool,
		.key_words = key_words,
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
	for (size_t i = 0; i < t->n + t->waiting && !states->flat; i++)
		states_drop(states, group_table_row(t, i) + t->key_words);
	for (size_t i = CHUNK_ROWS; i < t->room; i += CHUNK_ROWS)
		chunk_pool_give(t->pool, t->chunk[i >> CHUNK_BITS]);
	if (t->room > 0)
		free(t->chunk[0]);
	group_memory_give(memory,
	    chunk_octets(t, t->room) + t->nslots * sizeof(*t->slot));
	free(t->chunk);
	free(t->slot);
	group_table_init(
	    t, t->pool, t->key_words, t->words - t->key_words);
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

/* Where to begin to look for a hash; t has slots. */
static inline size_t
slot_first(const struct group_table *t, uint64_t hash)
{
	return (size_t)((hash & UINT32_MAX) * t->nslots >> 32);
}

static inline size_t
slot_next(const struct group_table *t, size_t at)
{
	return at + 1 < t->nslots ? at + 1 : 0;
}

/* The part of a hash that is kept in a slot. */
static inline uint32_t
slot_tag(uint64_t hash)
{
	return (uint32_t)(hash >> 32) << ROW_BITS;
}

/* Write row i, whose key is not there, to a slot. */
static void
enter_row(struct group_table *t, uint64_t hash, size_t i)
{
	size_t at = slot_first(t, hash);

	while (t->slot[at] != 0)
		at = slot_next(t, at);
	t->slot[at] = slot_tag(hash) | (uint32_t)(i + 1);
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

/* Enter all groups again: slots are fetched some rows ahead. */
static void
enter_groups(struct group_table *t, const uint64_t secret[2])
{
	uint64_t hash[AHEAD];

	for (size_t i = 0; i < t->n; i += AHEAD) {
		size_t n = t->n - i < AHEAD ? t->n - i : AHEAD;

		for (size_t k = 0; k < n; k++) {
			hash[k] = group_hash(secret,
			    group_table_row(t, i + k), t->key_words);
			memory_fetch(&t->slot[slot_first(t, hash[k])]);
		}
		for (size_t k = 0; k < n; k++)
			enter_row(t, hash[k], i + k);
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
	enter_groups(t, secret);
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
	chunk = first
	    ? realloc(t->chunk[0], chunk_octets(t, t->room + more))
	    : chunk_pool_take(t->pool);
	if (chunk == NULL) {
		group_memory_give(memory, chunk_octets(t, more));
		return false;
	}
	t->chunk[nchunks] = chunk;
	t->room += more;
	return true;
}

size_t
group_table_add(struct group_table *t, const struct states *states,
    struct group_memory *memory, uint64_t *rows, size_t n)
{
	size_t done = 0;

	while (done < n) {
		size_t at = t->n + t->waiting, some = n - done;
		size_t left = CHUNK_ROWS - (at & (CHUNK_ROWS - 1));

		if (at == ROWS_MAX ||
		    (at == t->room && !grow_rows(t, memory)))
			break;
		some = some < left ? some : left;
		some = some < t->room - at ? some : t->room - at;
		some = some < ROWS_MAX - at ? some : ROWS_MAX - at;
		memcpy(group_table_row(t, at), rows + done * t->words,
		    chunk_octets(t, some));
		t->waiting += some;
		done += some;
	}
	for (size_t i = 0; i < done && !states->flat; i++)
		states_clear(states, rows + i * t->words + t->key_words);
	return done;
}

/* Add the states of a group; what they point to is counted as memory. */
static bool
add_states(const struct states *states, struct group_memory *memory,
    uint64_t *to, uint64_t *from)
{
	size_t before, after;

	if (states->additive)
		return states_add(states, to, from);
	before = states_octets(states, to);
	if (!states_combine(states, to, from))
		return false;
	after = states_octets(states, to);
	if (after < before)
		group_memory_give(memory, before - after);
	return after <= before || group_memory_take(memory, after - before);
}

/* Put a row in place i, in front of its own. */
static void
move_row(struct group_table *t, size_t i, const uint64_t *row)
{
	uint64_t *to = group_table_row(t, i);

	for (unsigned w = 0; w < t->words && to != row; w++)
		to[w] = row[w];
}

/* All bits if a slot has a row, else none. */
static inline uint64_t
slot_mask(uint32_t slot)
{
	return -(uint64_t)(slot != 0);
}

/* The row of a slot; of one that is free that behind the groups. */
static inline uint64_t *
slot_row(const struct group_table *t, uint32_t slot)
{
	uint64_t taken = slot_mask(slot);

	return group_table_row(
	    t, (((slot & ROW_MASK) - 1) & taken) | (t->n & ~taken));
}

/*
 * The next slot that is free or whose row is likely to have the key: nobody can
 * tell which, so that there is a branch only where it is neither.
 */
static inline size_t
find_tag(const struct group_table *t, uint64_t hash, size_t at)
{
	const uint32_t tag = slot_tag(hash);

	while (((t->slot[at] ^ tag) >> ROW_BITS & slot_mask(t->slot[at])) != 0)
		at = slot_next(t, at);
	return at;
}

/* The slot of the group of a row, or a free one if there is no such group. */
static inline size_t
find_slot(const struct group_table *t, uint64_t hash, size_t at,
    const uint64_t *row)
{
	for (;; at = slot_next(t, at)) {
		const uint64_t *group;
		uint64_t differ = 0;

		at = find_tag(t, hash, at);
		group = slot_row(t, t->slot[at]);
		for (unsigned w = 0; w < t->key_words; w++)
			differ |= group[w] ^ row[w];
		if ((differ & slot_mask(t->slot[at])) == 0)
			return at;
	}
}

/* Some rows that wait, with their hashes and where their slots may be. */
struct row_batch {
	size_t from, n;
	uint64_t hash[AHEAD];
	size_t at[AHEAD];
};

/* Fetch the slots of rows, and then the rows that these slots have. */
static void
batch_fetch(struct row_batch *b, const struct group_table *t,
    const uint64_t secret[2])
{
	for (size_t k = 0; k < b->n; k++) {
		b->hash[k] = group_hash(
		    secret, group_table_row(t, b->from + k), t->key_words);
		b->at[k] = slot_first(t, b->hash[k]);
		memory_fetch(&t->slot[b->at[k]]);
	}
	for (size_t k = 0; k < b->n; k++) {
		b->at[k] = find_tag(t, b->hash[k], b->at[k]);
		memory_fetch(slot_row(t, t->slot[b->at[k]]));
	}
}

/* Join a row with sums; a group that is new has no others, without a branch. */
static inline void
join_sums(
    struct group_table *t, uint64_t hash, size_t at, const uint64_t *row)
{
	const uint32_t slot = t->slot[at];
	const uint64_t taken = slot_mask(slot);
	uint64_t *group = slot_row(t, slot);

	t->slot[at] = (slot & (uint32_t)taken) |
	    ((slot_tag(hash) | (uint32_t)(t->n + 1)) & (uint32_t)~taken);
	t->n += 1 + taken;
	for (unsigned w = 0; w < t->key_words; w++)
		group[w] = row[w];
	for (unsigned w = t->key_words; w < t->words; w++)
		group[w] = sum_saturated(group[w] & taken, row[w]);
}

/* Join a row with any states; what they point to is counted as memory. */
static bool
join_states(struct group_table *t, const struct states *states,
    struct group_memory *memory, uint64_t hash, size_t at, uint64_t *row)
{
	uint64_t *from = row + t->key_words;
	size_t octets;

	if (t->slot[at] != 0)
		return add_states(states, memory,
		    slot_row(t, t->slot[at]) + t->key_words, from);
	octets = states_octets(states, from);
	if (octets > 0 && !group_memory_take(memory, octets))
		return false;
	t->slot[at] = slot_tag(hash) | (uint32_t)(t->n + 1);
	move_row(t, t->n++, row);
	return true;
}

/* Join rows, and count those that have. */
static bool
join_batch(struct group_table *t, const struct group_layout *layout,
    struct group_memory *memory, size_t from, size_t n, size_t *joined)
{
	struct row_batch b = { .from = from, .n = n };

	while ((t->n + n) * SLOTS_A_ROW > t->nslots)
		if (!grow_slots(t, layout->secret, memory))
			return false;
	batch_fetch(&b, t, layout->secret);
	for (size_t k = 0; k < n; k++, (*joined)++) {
		uint64_t *row = group_table_row(t, from + k);
		size_t at = find_slot(t, b.hash[k], b.at[k], row);

		if (layout->states.additive)
			join_sums(t, b.hash[k], at, row);
		else if (!join_states(t, &layout->states, memory,
			     b.hash[k], at, row))
			return false;
	}
	return true;
}

bool
group_table_join(struct group_table *t, const struct group_layout *layout,
    struct group_memory *memory)
{
	size_t from = t->n, left = t->waiting, joined = 0;
	bool good = true;

	for (; left > 0 && good; left -= joined, from += joined) {
		joined = 0;
		good = join_batch(t, layout, memory, from,
		    left < AHEAD ? left : AHEAD, &joined);
	}
	for (size_t k = 0; k < left; k++)
		move_row(t, t->n + k, group_table_row(t, from + k));
	t->waiting = left;
	return good;
}
