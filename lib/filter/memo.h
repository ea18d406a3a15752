/*
 * The memory of the classifier: keys, of a fixed number of words, and a
 * number that was found for each. It grows up to a maximum, and then forgets
 * all.
 *
 * Called by classifier.c. Test: test/unit/filter/test_memo.c.
 */
#ifndef FLOWD_MEMO_H
#define FLOWD_MEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct memo_slot {
	uint64_t key; /* or the hash of one of several words */
	uint32_t value; /* 0: the slot is free */
};

struct memo {
	unsigned words; /* of a key */
	uint64_t nslots; /* a power of two */
	size_t nkeys;
	struct memo_slot *slots;
	uint64_t *keys; /* of several words: nslots times words */
};

/* False when out of memory. */
bool memo_init(struct memo *memo, unsigned words);
void memo_fini(struct memo *memo);
/* Forget all keys. */
void memo_clear(struct memo *memo);

/* Keep a value, not 0, for a key that is not there. */
void memo_put(struct memo *memo, const uint64_t *key, uint32_t value);

/* The value of a key of several words, or 0. */
uint32_t memo_find(const struct memo *memo, const uint64_t *key);

static inline size_t
memo_slot1(const struct memo *memo, uint64_t key)
{
	/* 2^64 / golden ratio: neighbours are spread (Knuth, 6.4). */
	uint64_t hash = key * UINT64_C(0x9e3779b97f4a7c15);

	return (size_t)((hash >> 32) * memo->nslots >> 32);
}

/* The same where a key is one word. */
static inline uint32_t
memo_find1(const struct memo *memo, uint64_t key)
{
	size_t i = memo_slot1(memo, key);

	while (memo->slots[i].value != 0 && memo->slots[i].key != key)
		i = (i + 1) & (memo->nslots - 1);
	return memo->slots[i].value;
}

#endif
