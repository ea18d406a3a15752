/* Suggestions; see suggest.h. Test: test/unit/base/test_suggest.c. */
#include <string.h>

#include "suggest.h"

enum {
	WORD_MAX = 40
};

static unsigned
min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

/* Damerau's distance, with three rows of its table. */
unsigned
suggest_distance(const char *a, const char *b, unsigned limit)
{
	unsigned rows[3][WORD_MAX + 1];
	size_t na = strlen(a), nb = strlen(b);

	if (na > WORD_MAX || nb > WORD_MAX)
		return limit;
	for (size_t k = 0; k <= nb; k++)
		rows[0][k] = (unsigned)k;
	for (size_t i = 1; i <= na; i++) {
		unsigned *row = rows[i % 3];
		const unsigned *up = rows[(i + 2) % 3];
		const unsigned *upup = rows[(i + 1) % 3];

		row[0] = (unsigned)i;
		for (size_t k = 1; k <= nb; k++) {
			row[k] = min3(up[k] + 1, row[k - 1] + 1,
			    up[k - 1] + (a[i - 1] != b[k - 1]));
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] &&
			    a[i - 2] == b[k - 1] && upup[k - 2] + 1 < row[k])
				row[k] = upup[k - 2] + 1;
		}
	}
	return rows[na % 3][nb] < limit ? rows[na % 3][nb] : limit;
}

const char *
suggest_row(const char *word, const char *const *first, size_t size, size_t n)
{
	/* A third of the letters may be wrong. */
	unsigned best = (unsigned)strlen(word) / 3 + 1;
	const char *row = (const char *)first, *found = NULL;

	for (size_t i = 0; i < n; i++, row += size) {
		const char *name = *(const char *const *)row;
		unsigned d = suggest_distance(word, name, best);

		if (d < best) {
			best = d;
			found = name;
		}
	}
	return found;
}

const char *
suggest_word(const char *word, const char *const *words, size_t n)
{
	return suggest_row(word, words, sizeof(*words), n);
}
