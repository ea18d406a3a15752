/*
 * The known word that is nearest to a misspelt one.
 * Test: test/unit/base/test_suggest.c.
 */
#ifndef FLOWD_SUGGEST_H
#define FLOWD_SUGGEST_H

#include <stddef.h>

/* Letters to change, add, leave out or swap with the next, at most limit. */
unsigned suggest_distance(const char *a, const char *b, unsigned limit);

/* The one of n words that is nearest to word and near enough, or NULL. */
const char *suggest_word(const char *word, const char *const *words, size_t n);
/*
 * The same where the words are a member of the n rows of a table: first is
 * that of the first row, size that of a row.
 */
const char *suggest_row(
    const char *word, const char *const *first, size_t size, size_t n);

#endif
