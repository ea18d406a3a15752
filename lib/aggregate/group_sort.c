/* Groups sorted by partition; see group_sort.h. */
#include <stdlib.h>
#include <string.h>

#include "group_sort.h"

enum {
	SECTIONS = 2 * PARTITIONS /* plain and general keys of each partition */
};

void
group_sort_init(struct group_sort *s, const struct group_layout *layout)
{
	*s = (struct group_sort){ .layout = layout };
}

void
group_sort_fini(struct group_sort *s)
{
	free(s->rows);
	group_sort_init(s, s->layout);
}

/* What they had is lost. */
static bool
group_sort_reserve(struct group_sort *s, size_t n)
{
	const size_t words =
	    s->layout->keys.general_words + s->layout->states.n;

	if (n <= s->cap)
		return true;
	group_sort_fini(s);
	s->rows = malloc(n * words * sizeof(*s->rows));
	s->cap = s->rows != NULL ? n : 0;
	return s->rows != NULL;
}

static unsigned
section_of(const struct group *g)
{
	return 2 * partition_of(g->hash) + g->general;
}

/* Words of a row of a section. */
static size_t
section_words(const struct group_layout *l, unsigned section)
{
	return l->states.n + (section % 2 == 1 ? l->keys.general_words
					       : l->keys.plain_words);
}

static void
count_sections(const struct group *list, size_t n, size_t count[SECTIONS])
{
	memset(count, 0, SECTIONS * sizeof(*count));
	for (size_t i = 0; i < n; i++)
		count[section_of(&list[i])]++;
}

/* Copy the groups of each section to where they lie side by side. */
static void
copy_groups(struct group_sort *s, const struct group *list, size_t n,
    const size_t count[SECTIONS])
{
	const struct group_layout *l = s->layout;
	uint64_t *next[SECTIONS], *row = s->rows;

	for (unsigned i = 0; i < SECTIONS; i++) {
		next[i] = row;
		row += count[i] * section_words(l, i);
	}
	for (size_t i = 0; i < n; i++) {
		const struct group *from = &list[i];
		uint64_t **to = &next[section_of(from)];
		const size_t nwords = from->general ? l->keys.general_words
						    : l->keys.plain_words;

		for (size_t w = 0; w < nwords; w++)
			*(*to)++ = from->key[w];
		for (size_t w = 0; w < l->states.n; w++)
			*(*to)++ = from->state[w];
	}
}

/* After a failure; those that were given are empty. */
static void
drop_sections(const struct group_sort *s, const size_t count[SECTIONS])
{
	const struct group_layout *l = s->layout;
	uint64_t *row = s->rows;

	for (unsigned i = 0; i < SECTIONS; i++)
		for (size_t n = 0; n < count[i]; n++) {
			row += section_words(l, i);
			states_drop(&l->states, row - l->states.n);
		}
}

int
group_sort_give(struct group_sort *s, const struct group *list, size_t n,
    struct partitions *to, struct flowd_error *err)
{
	size_t count[SECTIONS];
	uint64_t *row;
	int bad = 0;

	if (!group_sort_reserve(s, n)) {
		for (size_t i = 0; i < n; i++)
			states_drop(&s->layout->states, list[i].state);
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	}
	count_sections(list, n, count);
	copy_groups(s, list, n, count);
	row = s->rows;
	for (unsigned i = 0; i < SECTIONS && bad == 0; i++) {
		if (count[i] > 0)
			bad = partition_give(
			    to, i / 2, i % 2 == 1, row, count[i], err);
		row += count[i] * section_words(s->layout, i);
	}
	if (bad != 0)
		drop_sections(s, count);
	return bad;
}
