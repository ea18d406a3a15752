/*
 * Tries of IPv4 addresses (multibit, with strides of 12, 8, 8 and 4 bits): map
 * each address to its class. The first 12 bits of an address choose an entry,
 * which is a class or leads to a table for the next 8 bits, and so on. One load
 * answers for most addresses, four for any, whatever the number of boundaries
 * between classes.
 *
 * Made by dimension.c from boundaries (boundaries.h), which are used alone
 * where a trie would be too large. Test: test/unit/match/test_trie4.c.
 */
#ifndef FLOWD_TRIE4_H
#define FLOWD_TRIE4_H

#include "boundaries.h"

enum {
	TRIE4_ENTRIES_MAX = 1024 * 1024 /* 4 MiB */
};

/* Set in an entry that leads to another table; the other bits are its start. */
#define TRIE4_DEEPER (UINT32_C(1) << 31)

struct trie4 {
	uint32_t *entry; /* NULL: not built */
	size_t n, cap;
};

/*
 * Build from classes: of_class[i] is the class of addresses with i boundaries
 * at or before them. False when it is too large or out of memory; then it is
 * not built.
 */
bool trie4_init(struct trie4 *t, const struct boundaries4 *bounds,
    const uint32_t *of_class);
void trie4_fini(struct trie4 *t);

static inline uint32_t
trie4_find(const struct trie4 *t, uint32_t v4)
{
	uint32_t e = t->entry[v4 >> 20];

	if (e < TRIE4_DEEPER)
		return e;
	e = t->entry[e - TRIE4_DEEPER + (v4 >> 12 & 255)];
	if (e < TRIE4_DEEPER)
		return e;
	e = t->entry[e - TRIE4_DEEPER + (v4 >> 4 & 255)];
	if (e < TRIE4_DEEPER)
		return e;
	return t->entry[e - TRIE4_DEEPER + (v4 & 15)];
}

#endif
