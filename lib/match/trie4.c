/* Tries of IPv4 addresses; see trie4.h. */
#include <stdlib.h>

#include "trie4.h"

enum {
	LEVELS = 4
};

/* For each level, the number of bits that it tests, and of those below. */
static const struct {
	unsigned bits, shift;
} levels[LEVELS] = { { 12, 20 }, { 8, 12 }, { 8, 4 }, { 4, 0 } };

/* The boundaries that the trie is built from, and the current position. */
struct source4 {
	const struct boundaries4 *bounds;
	const uint32_t *of_class;
	size_t i; /* boundaries at or before the current entry */
};

/* Allocates a table of this level; 0 when the trie is too large. */
static size_t
take_table(struct trie4 *t, unsigned level)
{
	size_t at = t->n, size = (size_t)1 << levels[level].bits;
	size_t more = t->cap == 0 ? size : 2 * t->cap;
	uint32_t *grew;

	if (at + size > TRIE4_ENTRIES_MAX)
		return 0;
	if (at + size > t->cap) {
		grew = realloc(t->entry, more * sizeof(*grew));
		if (grew == NULL)
			return 0;
		t->entry = grew;
		t->cap = more;
	}
	t->n += size;
	return at;
}

/*
 * Fills the table that starts at entry number table, for addresses from base
 * on.
 */
static bool
trie_fill(struct trie4 *t, struct source4 *from, size_t table, uint32_t base,
    unsigned level)
{
	const struct boundaries4 *s = from->bounds;
	uint32_t rest = (UINT32_C(1) << levels[level].shift) - 1;

	for (uint32_t i = 0; i < UINT32_C(1) << levels[level].bits; i++) {
		uint32_t first = base | i << levels[level].shift;
		size_t next;

		while (from->i < s->n && s->at[from->i] <= first)
			from->i++;
		if (from->i == s->n || s->at[from->i] > (first | rest)) {
			t->entry[table + i] = from->of_class[from->i];
			continue;
		}
		next = take_table(t, level + 1);
		if (next == 0 || !trie_fill(t, from, next, first, level + 1))
			return false;
		t->entry[table + i] = TRIE4_DEEPER | (uint32_t)next;
	}
	return true;
}

bool
trie4_init(
    struct trie4 *t, const struct boundaries4 *bounds, const uint32_t *of_class)
{
	struct source4 from = { .bounds = bounds, .of_class = of_class };

	*t = (struct trie4){ .entry = NULL };
	(void)take_table(t, 0);
	if (t->entry != NULL && trie_fill(t, &from, 0, 0, 0))
		return true;
	trie4_fini(t);
	return false;
}

void
trie4_fini(struct trie4 *t)
{
	free(t->entry);
	*t = (struct trie4){ .entry = NULL };
}
