/*
 * The cache of the classifier: keys of a fixed number of words, with a value
 * and a use count each. It grows up to a maximum; when it is full, the caller
 * clears it.
 *
 * Test: test/unit/match/test_memo.c.
 */
#ifndef FLOWD_MEMO_H
#define FLOWD_MEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct memo_slot {
	uint64_t key; /* or the hash of one of several words */
	uint32_t value; /* 0: the slot is free */
	uint32_t count; /* for the caller */
};

struct memo {
	unsigned words; /* words of a key */
	uint64_t nslots; /* a power of two */
	size_t nkeys;
	struct memo_slot *slots;
	uint64_t *keys; /* keys of several words: nslots times words */
};

/* False when out of memory. */
bool memo_init(struct memo *memo, unsigned words);
void memo_fini(struct memo *memo);
/* Remove all keys. */
void memo_clear(struct memo *memo);

/* Reserve room for a key. False when full or out of memory. */
bool memo_grow(struct memo *memo);
/*
 * Insert a new key with a count of 0 and a value that is not 0. memo_grow() has
 * made room for it. Slots do not move until the next memo_grow().
 */
struct memo_slot *memo_put(
    struct memo *memo, const uint64_t *key, uint32_t value);

/*
 * The slot of a key of several words; if it is new, a free slot, with value 0.
 */
struct memo_slot *memo_find(const struct memo *memo, const uint64_t *key);

static inline size_t
memo_slot1(const struct memo *memo, uint64_t key)
{
	/* 2^64 / golden ratio: neighbours are spread (Knuth, 6.4). */
	uint64_t hash = key * UINT64_C(0x9e3779b97f4a7c15);

	return (size_t)((hash >> 32) * memo->nslots >> 32);
}

/* The same for keys of one word. */
static inline struct memo_slot *
memo_find1(const struct memo *memo, uint64_t key)
{
	size_t i = memo_slot1(memo, key);

	while (memo->slots[i].value != 0 && memo->slots[i].key != key)
		i = (i + 1) & (memo->nslots - 1);
	return &memo->slots[i];
}

#endif
