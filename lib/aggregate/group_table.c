/* A hash table of groups; see group_table.h. */
#include <stdlib.h>
#include <string.h>

#include "group_table.h"

enum {
	PLACES_MIN = 32,
	PLACES_FREE = 2048, /* of a table are always allowed */
	FULL = 5, /* of 8 places may be taken */
	PLACES_MAX = 1 << 30
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
table_octets(const struct group_table *t, size_t nplaces)
{
	return (nplaces * t->words + bitmap_words(nplaces)) *
	    sizeof(*t->place);
}

void
group_table_clear(struct group_table *t, const struct states *states,
    struct group_memory *memory)
{
	if (!states->flat)
		for (size_t at = group_table_next(t, 0); at < t->nplaces;
		     at = group_table_next(t, at + 1))
			states_drop(states,
			    t->place + at * t->words + t->key_words);
	group_memory_give(memory, table_octets(t, t->nplaces));
	free(t->place);
	free(t->taken);
	group_table_init(t, t->key_words, t->words - t->key_words);
}

/* A place for a key that is not there. */
static uint64_t *
group_table_take(struct group_table *t, uint64_t hash)
{
	size_t at = group_table_place(t, hash);

	while (bitmap_test(t->taken, at))
		at = at + 1 < t->nplaces ? at + 1 : 0;
	bitmap_set(t->taken, at);
	t->n++;
	return t->place + at * t->words;
}

static void
group_table_move(struct group_table *to, const struct group_table *from,
    const uint64_t secret[2])
{
	for (size_t at = group_table_next(from, 0); at < from->nplaces;
	     at = group_table_next(from, at + 1)) {
		const uint64_t *place = from->place + at * from->words;
		uint64_t *place_to = group_table_take(to,
		    group_hash(secret, place, from->key_words));

		for (unsigned w = 0; w < to->words; w++)
			place_to[w] = place[w];
	}
}

/* Half as many places more. What is small may always grow. */
static bool
group_table_grow(struct group_table *t, const uint64_t secret[2],
    struct group_memory *memory)
{
	struct group_table more = *t;
	size_t octets;

	more.nplaces = t->nplaces == 0 ? PLACES_MIN
				       : t->nplaces + t->nplaces / 2;
	if (more.nplaces > PLACES_MAX)
		return false;
	octets = table_octets(t, more.nplaces);
	if (more.nplaces <= PLACES_FREE)
		(void)atomic_fetch_add(&memory->used, octets);
	else if (!group_memory_take(memory, octets))
		return false;
	more.n = 0;
	more.place = malloc(more.nplaces * t->words * sizeof(*t->place));
	more.taken = calloc(bitmap_words(more.nplaces), sizeof(*t->taken));
	if (more.place == NULL || more.taken == NULL) {
		free(more.place);
		free(more.taken);
		group_memory_give(memory, octets);
		return false;
	}
	group_table_move(&more, t, secret);
	group_memory_give(memory, table_octets(t, t->nplaces));
	free(t->place);
	free(t->taken);
	*t = more;
	return true;
}

/* The place of a key, or NULL; t has places, some of them free. */
static uint64_t *
group_table_look_up(
    const struct group_table *t, uint64_t hash, const uint64_t *key)
{
	for (size_t at = group_table_place(t, hash); bitmap_test(t->taken, at);
	     at = at + 1 < t->nplaces ? at + 1 : 0) {
		uint64_t *place = t->place + at * t->words;

		if (key_words_equal(place, key, t->key_words))
			return place;
	}
	return NULL;
}

uint64_t *
group_table_find(struct group_table *t, const struct group_layout *layout,
    struct group_memory *memory, uint64_t hash, const uint64_t *key)
{
	uint64_t *place =
	    t->nplaces > 0 ? group_table_look_up(t, hash, key) : NULL;

	if (place != NULL)
		return place + t->key_words;
	if (t->n * 8 >= t->nplaces * FULL &&
	    !group_table_grow(t, layout->secret, memory))
		return NULL;
	place = group_table_take(t, hash);
	for (unsigned w = 0; w < t->key_words; w++)
		place[w] = key[w];
	states_clear(&layout->states, place + t->key_words);
	return place + t->key_words;
}
