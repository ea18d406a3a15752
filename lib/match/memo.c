/* The cache of the classifier; see memo.h. */
#include <stdlib.h>
#include <string.h>

#include "map.h"
#include "memo.h"

enum {
	SLOTS_MIN = 1024,
	SLOTS_MAX = 128 * 1024, /* at most half of them are used */
	/* until then, at most one in so many is used: few collisions */
	SPARSE = 4
};

static bool
slots_allocate(struct memo *memo, size_t n)
{
	size_t words = memo->words > 1 ? n * memo->words : 1;

	memo->slots = calloc(n, sizeof(*memo->slots));
	memo->keys = malloc(words * sizeof(*memo->keys));
	if (memo->keys == NULL || memo->slots == NULL) {
		memo_fini(memo);
		return false;
	}
	memo->nslots = n;
	memo->nkeys = 0;
	return true;
}

bool
memo_init(struct memo *memo, unsigned words)
{
	*memo = (struct memo){ .words = words };
	return slots_allocate(memo, SLOTS_MIN);
}

void
memo_fini(struct memo *memo)
{
	free(memo->keys);
	free(memo->slots);
	memo->keys = NULL;
	memo->slots = NULL;
	memo->nslots = memo->nkeys = 0;
}

void
memo_clear(struct memo *memo)
{
	memset(memo->slots, 0, memo->nslots * sizeof(*memo->slots));
	memo->nkeys = 0;
}

/* The value that identifies a slot: the key, or the hash of a longer one. */
static uint64_t
short_key(const struct memo *memo, const uint64_t *key)
{
	return memo->words == 1
	    ? *key
	    : map_hash(key, memo->words * sizeof(*key), 0);
}

static bool
is_key(const struct memo *memo, size_t i, const uint64_t *key)
{
	return memo->words == 1 ||
	    memcmp(&memo->keys[i * memo->words], key,
		memo->words * sizeof(*key)) == 0;
}

/* The slot of a key, or the free slot for it. */
static size_t
slot_find(const struct memo *memo, const uint64_t *key, uint64_t is)
{
	size_t i = memo_slot1(memo, is);

	while (memo->slots[i].value != 0 &&
	    (memo->slots[i].key != is || !is_key(memo, i, key)))
		i = (i + 1) & (memo->nslots - 1);
	return i;
}

struct memo_slot *
memo_find(const struct memo *memo, const uint64_t *key)
{
	return &memo->slots[slot_find(memo, key, short_key(memo, key))];
}

struct memo_slot *
memo_put(struct memo *memo, const uint64_t *key, uint32_t value)
{
	uint64_t is = short_key(memo, key);
	size_t i = slot_find(memo, key, is);

	if (memo->words > 1)
		memcpy(&memo->keys[i * memo->words], key,
		    memo->words * sizeof(*key));
	memo->slots[i] = (struct memo_slot){ .key = is, .value = value };
	memo->nkeys++;
	return &memo->slots[i];
}

/* Moves the keys to twice as many slots. */
static bool
slot_move(struct memo *memo)
{
	struct memo old = *memo;

	if (!slots_allocate(memo, 2 * old.nslots)) {
		*memo = old;
		return false;
	}
	for (size_t i = 0; i < old.nslots; i++) {
		const struct memo_slot *from = &old.slots[i];

		if (from->value == 0)
			continue;
		memo_put(memo,
		    old.words == 1 ? &from->key : &old.keys[i * old.words],
		    from->value)->count = from->count;
	}
	memo_fini(&old);
	return true;
}

bool
memo_grow(struct memo *memo)
{
	if (SPARSE * (memo->nkeys + 1) <= memo->nslots)
		return true;
	if (memo->nslots < SLOTS_MAX && slot_move(memo))
		return true;
	return 2 * (memo->nkeys + 1) <= memo->nslots;
}
